// Every node that is a resource, in pages: labels, properties, links, and the rows it is searched by.
MATCH (n:_Node)
WHERE n.iri > $after AND n._revision IS NOT NULL
WITH n
ORDER BY n.iri
LIMIT $limit
RETURN labels(n), properties(n), [(n)-[r]->(m:_Node) | [type(r), m.iri, coalesce(r._order, 0)]],
  COLLECT { MATCH (k:_Key) WHERE k.iri = n.iri AND k.key IS NOT NULL RETURN [k.key, k.more] }
