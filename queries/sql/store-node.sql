-- A resource in its new state.
INSERT INTO node (id, iri, revision, created_at, updated_at, name, document)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE
SET revision = excluded.revision, created_at = excluded.created_at, updated_at = excluded.updated_at,
    name = excluded.name, document = excluded.document
