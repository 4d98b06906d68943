// The nodes with these IRIs that are resources: labels, properties, and links as type, target and order.
UNWIND $iris AS iri
MATCH (n:_Node {iri: iri})
WHERE n._revision IS NOT NULL
RETURN labels(n), properties(n), [(n)-[r]->(m:_Node) | [type(r), m.iri, coalesce(r._order, 0)]]
