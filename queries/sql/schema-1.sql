-- The first schema: nodes, links, values, classes, words, places, the log, and the archive.
CREATE TABLE node (
    id INTEGER PRIMARY KEY,
    iri TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL DEFAULT 0, -- 0: never a resource, only a link's end, a predicate or a class
    created_at TEXT,
    updated_at TEXT,
    name TEXT,
    document BLOB -- JSON of the outgoing statements; NULL for what says nothing (any more)
);
CREATE TABLE link (
    object INTEGER NOT NULL,
    predicate INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    PRIMARY KEY (object, predicate, subject)
) WITHOUT ROWID;
CREATE INDEX link_out ON link (subject, predicate, object);
CREATE TABLE value (
    predicate INTEGER NOT NULL,
    kind INTEGER NOT NULL, -- 0 truth values, 1 numbers, 2 points in time, 3 texts, 4 anything else
    key NOT NULL,
    iri TEXT NOT NULL,
    least INTEGER NOT NULL, -- 1 for the value a list is ordered by: the least of a resource's values
    PRIMARY KEY (predicate, kind, key, iri)
) WITHOUT ROWID;
CREATE INDEX value_order ON value (predicate, kind, key, iri) WHERE least = 1;
CREATE TABLE member (
    class INTEGER NOT NULL,
    name TEXT NOT NULL,
    iri TEXT NOT NULL,
    PRIMARY KEY (class, name, iri)
) WITHOUT ROWID;
CREATE INDEX node_name ON node (name, iri) WHERE document IS NOT NULL;
CREATE INDEX node_created ON node (created_at, iri) WHERE document IS NOT NULL;
CREATE INDEX node_updated ON node (updated_at, iri) WHERE document IS NOT NULL;
CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');
CREATE VIRTUAL TABLE place USING rtree (id, south, north, west, east);
CREATE TABLE entry (
    position INTEGER PRIMARY KEY,
    time TEXT NOT NULL,
    actor TEXT NOT NULL,
    cause TEXT NOT NULL,
    release TEXT NOT NULL,
    body BLOB NOT NULL, -- JSON of removed, added, revisions, events
    idempotency_key TEXT,
    fingerprint TEXT
);
CREATE UNIQUE INDEX entry_key ON entry (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE TABLE touched (
    id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (id, position)
) WITHOUT ROWID;
CREATE TABLE archive (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (kind, key)
);
