// How many links point at each of a list of nodes: the version of the names, and rows of target and count.
MATCH (c:_Counter {id: 'log'})
CALL () {
  UNWIND $targets AS target
  MATCH (m:_Node {iri: target})<-[r]-(:_Node)
  WHERE $places[type(r)] IS NOT NULL
  WITH target, count(r) AS times
  RETURN collect([target, times]) AS found
}
RETURN c.names, found
