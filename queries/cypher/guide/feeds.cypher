// What feeds what.
MATCH path = ()-[:${feeds}|${isFedBy}]->()
RETURN path LIMIT 300
