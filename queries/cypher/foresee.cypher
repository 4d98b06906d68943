// All that a group of writes will read: a kind, what was asked for, and what was found.
UNWIND $iris AS iri
MATCH (n:_Node {iri: iri})
RETURN CASE WHEN n._revision IS NULL THEN 'stub' ELSE 'node' END AS kind, iri AS asked,
  [labels(n), properties(n), [(n)-[r]->(m:_Node) | [type(r), m.iri, coalesce(r._order, 0)]]] AS found
UNION ALL
UNWIND $iris AS iri
MATCH (g:_Gone {iri: iri})
RETURN 'gone' AS kind, iri AS asked, g.revision AS found
UNION ALL
UNWIND $targets AS row
MATCH (m:_Node {iri: row.iri})
CALL (m, row) {
  MATCH (m)<-[r]-(n:_Node)
  WHERE row.type IS NULL OR type(r) = row.type
  RETURN DISTINCT n.iri AS source
  LIMIT $limit
}
RETURN 'source' AS kind, row.number AS asked, collect(source) AS found
UNION ALL
UNWIND $classes AS row
CALL (row) {
  MATCH (k:_Key)
  USING INDEX k:_Key(key, iri)
  WHERE k.key STARTS WITH row.start AND k.iri IS NOT NULL
  RETURN k.iri AS source
  LIMIT $limit
}
RETURN 'source' AS kind, row.number AS asked, collect(source) AS found
UNION ALL
UNWIND $literals AS row
CALL (row) {
  MATCH (k:_Key)
  USING INDEX k:_Key(key, iri)
  WHERE k.key = row.key AND k.iri IS NOT NULL
  MATCH (n:_Node {iri: k.iri})
  WHERE n._revision IS NOT NULL
  WITH DISTINCT n
  LIMIT $most
  RETURN [labels(n), properties(n), [(n)-[r]->(m:_Node) | [type(r), m.iri, coalesce(r._order, 0)]]] AS holder
}
RETURN 'holder' AS kind, row.number AS asked, collect(holder) AS found
UNION ALL
UNWIND $keys AS key
MATCH (e:_Entry {key_digest: key})
RETURN 'entry' AS kind, key AS asked,
  [e.position, e.time, e.actor, e.cause, e.release, e.body, e.key, e.fingerprint] AS found
