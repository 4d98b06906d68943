// Who points at a node with a relationship type, or with any where it is null.
MATCH (m:_Node {iri: $target})<-[r]-(n:_Node)
WHERE $type IS NULL OR type(r) = $type
RETURN DISTINCT n.iri
LIMIT $limit
