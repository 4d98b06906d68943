// What has a name that begins like this: change the text and run it.
MATCH (n:_Node) WHERE n.name STARTS WITH 'P-1' AND n.iri IS NOT NULL
RETURN n ORDER BY n.name LIMIT 50
