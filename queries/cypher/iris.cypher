// The IRIs of all resources behind one, in code point order.
MATCH (n:_Node)
WHERE n.iri > $after AND n._revision IS NOT NULL
RETURN n.iri
ORDER BY n.iri
LIMIT $limit
