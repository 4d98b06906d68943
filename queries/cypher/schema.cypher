// Constraints and indexes of a record. Each command may run again.
CREATE CONSTRAINT node_iri IF NOT EXISTS FOR (n:_Node) REQUIRE n.iri IS UNIQUE;
CREATE CONSTRAINT gone_iri IF NOT EXISTS FOR (g:_Gone) REQUIRE g.iri IS UNIQUE;
CREATE CONSTRAINT words_iri IF NOT EXISTS FOR (w:_Words) REQUIRE w.iri IS UNIQUE;
CREATE CONSTRAINT place_iri IF NOT EXISTS FOR (p:_Place) REQUIRE p.iri IS UNIQUE;
CREATE CONSTRAINT entry_position IF NOT EXISTS FOR (e:_Entry) REQUIRE e.position IS UNIQUE;
CREATE CONSTRAINT entry_key IF NOT EXISTS FOR (e:_Entry) REQUIRE e.key_digest IS UNIQUE;
CREATE CONSTRAINT counter_id IF NOT EXISTS FOR (c:_Counter) REQUIRE c.id IS UNIQUE;
CREATE CONSTRAINT archive_key IF NOT EXISTS FOR (a:_Archive) REQUIRE (a.kind, a.key) IS UNIQUE;
CREATE INDEX node_name IF NOT EXISTS FOR (n:_Node) ON (n.name, n.iri);
CREATE INDEX node_created IF NOT EXISTS FOR (n:_Node) ON (n._created, n.iri);
CREATE INDEX node_updated IF NOT EXISTS FOR (n:_Node) ON (n._updated, n.iri);
CREATE INDEX key_by_key IF NOT EXISTS FOR (k:_Key) ON (k.key, k.iri);
CREATE INDEX key_by_iri IF NOT EXISTS FOR (k:_Key) ON (k.iri, k.key);
CREATE INDEX touch IF NOT EXISTS FOR (t:_Touch) ON (t.iri, t.position);
CREATE INDEX place_latitude IF NOT EXISTS FOR (p:_Place) ON (p.latitude);
CREATE INDEX words_long IF NOT EXISTS FOR (w:_Words) ON (w.is_long);
CREATE TEXT INDEX words_text IF NOT EXISTS FOR (w:_Words) ON (w.words)
