// How many links point at each of a list of nodes: target, count.
UNWIND $targets AS target
MATCH (m:_Node {iri: target})<-[r]-(:_Node)
WHERE $predicates[type(r)] IS NOT NULL
RETURN target, count(r)
