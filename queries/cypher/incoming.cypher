// Who points at nodes, for several questions at once: the version of the names, and rows of a question's number, a target
// and its sources, each the place of the predicate and a subject, in this order and behind one of them.
MATCH (c:_Counter {id: 'log'})
CALL () {
  UNWIND $asked AS one
  // Neo4j compares stored texts by code point and parameters otherwise, so the subject behind is taken from its node;
  // a.iri would be the text that its index was asked for, and only a key that is not known beforehand reads the node.
  OPTIONAL MATCH (a:_Node {iri: one.after_subject})
  WITH one, coalesce(a[$iri], one.after_subject) AS after_subject
  UNWIND one.targets AS target
  MATCH (m:_Node {iri: target})
  CALL (m, one, after_subject) {
    MATCH (m)<-[r]-(n:_Node)
    WITH one.places[type(r)] AS place, n.iri AS subject
    WHERE place > one.after_place OR (place = one.after_place AND subject > after_subject)
    WITH place, subject
    ORDER BY place, subject
    LIMIT $most
    WITH collect([place, subject]) AS every
    RETURN every[..one.limit] AS sources
  }
  WITH one, target, sources
  WHERE size(sources) > 0
  RETURN collect([one.number, target, sources]) AS found
}
RETURN c.names, found
