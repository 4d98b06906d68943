-- What a patch leaves as it is costs it nothing: the orders of a list ask for a name, which a patch seldom changes, and
-- no longer for a document, which it always does. A resource has both or neither.
DROP INDEX node_name;
DROP INDEX node_created;
DROP INDEX node_updated;
CREATE INDEX node_name ON node (name, iri) WHERE name IS NOT NULL;
CREATE INDEX node_created ON node (created_at, iri) WHERE name IS NOT NULL;
CREATE INDEX node_updated ON node (updated_at, iri) WHERE name IS NOT NULL;
