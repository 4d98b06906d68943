// Who points at each of a list of nodes, by predicate and subject, behind a pair of them: target, predicate, subject.
// Neo4j compares stored texts by code point and parameters otherwise, so the pair's subject is taken from its node.
OPTIONAL MATCH (a:_Node {iri: $after_subject})
WITH coalesce(a.iri, $after_subject) AS after_subject
UNWIND $targets AS target
MATCH (m:_Node {iri: target})
CALL (m, after_subject) {
  MATCH (m)<-[r]-(n:_Node)
  WITH $predicates[type(r)] AS predicate, n.iri AS subject, after_subject
  WHERE predicate IS NOT NULL
    AND (predicate > $after_predicate OR (predicate = $after_predicate AND subject > after_subject))
  RETURN predicate, subject
  ORDER BY predicate, subject
  LIMIT $limit
}
RETURN target, predicate, subject
