// Stores what a group of writes makes of nodes, relationships, search rows and the log, and returns its new end.
// Takes the write lock of the counter first; where the log does not end where the group began, nothing is stored.
MATCH (c:_Counter {id: 'log'})
SET c.lock = randomUUID()
WITH c.id AS id
MATCH (c:_Counter {id: id})
WHERE c.seq = $head
CALL () {
  UNWIND $nodes AS row
  MERGE (n:_Node {iri: row.iri})
  SET n += row.properties
  REMOVE n:$(row.drop)
  SET n:$(row.add)
}
CALL () {
  UNWIND $stubs AS row
  MERGE (n:_Node {iri: row.iri})
  ON CREATE SET n.name = row.name
}
CALL () {
  UNWIND $unlinked AS row
  MATCH (s:_Node {iri: row.subject})
  MATCH (o:_Node {iri: row.object})
  MATCH (s)-[r]->(o)
  WHERE type(r) = row.type
  DELETE r
}
CALL () {
  UNWIND $linked AS row
  MATCH (s:_Node {iri: row.subject})
  MATCH (o:_Node {iri: row.object})
  CREATE (s)-[r:$(row.type)]->(o)
  SET r = row.properties
}
CALL () {
  UNWIND $described AS row
  MATCH (s:_Node {iri: row.subject})
  MATCH (o:_Node {iri: row.object})
  MATCH (s)-[r]->(o)
  WHERE type(r) = row.type
  SET r += row.properties
}
CALL () {
  UNWIND $gone AS row
  MERGE (g:_Gone {iri: row.iri})
  SET g.revision = row.revision
}
CALL () {
  UNWIND $loose AS iri
  MATCH (n:_Node {iri: iri})
  WHERE n._revision IS NULL AND NOT EXISTS { (n)--() }
  DELETE n
}
CALL () {
  UNWIND $rows_gone AS row
  MATCH (k:_Key)
  USING INDEX k:_Key(iri, key)
  WHERE k.iri = row.iri AND k.key = row.key
  DELETE k
}
CALL () {
  UNWIND $rows AS row
  CREATE (k:_Key)
  SET k = row
}
CALL () {
  UNWIND $unread AS iri
  MATCH (w:_Words {iri: iri})
  DELETE w
}
CALL () {
  UNWIND $read AS row
  MERGE (w:_Words {iri: row.iri})
  SET w = row
}
CALL () {
  UNWIND $moved AS iri
  MATCH (p:_Place {iri: iri})
  DELETE p
}
CALL () {
  UNWIND $placed AS row
  MERGE (p:_Place {iri: row.iri})
  SET p = row
}
CALL () {
  UNWIND $names AS row
  MERGE (a:_Archive {kind: row.kind, key: row.key})
  SET a.number = row.number, a.text = row.text
}
CALL () {
  UNWIND $entries AS row
  CREATE (e:_Entry)
  SET e = row
}
CALL () {
  UNWIND $touched AS row
  CREATE (t:_Touch)
  SET t = row
}
WITH c, c.seq + $counts.entries AS seq, c.resources + $counts.resources AS resources, c.links + $counts.links AS links,
  c.statements + $counts.statements AS statements, c.shadows + $counts.shadows AS shadows,
  c.names + $counts.names AS names
SET c.seq = seq, c.resources = resources, c.links = links, c.statements = statements, c.shadows = shadows,
  c.names = names
RETURN seq
