// What feeds what, as far as it goes.
MATCH path = ()-[:${feeds}]->()
RETURN path LIMIT 300
