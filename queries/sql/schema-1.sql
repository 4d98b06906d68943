-- The first schema: nodes, links, values, the orders lists are read in, words, places, the log, and the archive.
CREATE TABLE node (
    id INTEGER PRIMARY KEY,
    iri TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL DEFAULT 0, -- 0: never a resource, only a link's end, a predicate or a class
    created_at TEXT,
    updated_at TEXT,
    name TEXT,
    document BLOB -- JSON of the outgoing statements; NULL for what says nothing (any more)
);
CREATE INDEX node_name ON node (name, iri) WHERE document IS NOT NULL;
CREATE INDEX node_created ON node (created_at, iri) WHERE document IS NOT NULL;
CREATE INDEX node_updated ON node (updated_at, iri) WHERE document IS NOT NULL;
CREATE TABLE link (
    object INTEGER NOT NULL REFERENCES node,
    predicate INTEGER NOT NULL REFERENCES node,
    subject INTEGER NOT NULL REFERENCES node,
    PRIMARY KEY (object, predicate, subject)
) WITHOUT ROWID;
CREATE INDEX link_out ON link (subject, predicate, object);
-- Each literal of a resource by its sort key: what a condition on a known resource reads.
CREATE TABLE value (
    id INTEGER NOT NULL REFERENCES node,
    predicate INTEGER NOT NULL,
    kind INTEGER NOT NULL, -- registry.stores.ordering.Kind
    key NOT NULL,
    PRIMARY KEY (id, predicate, kind, key)
) WITHOUT ROWID;
-- The same in the order of the keys: what lists are walked by. Of links, only the one a list is ordered by is here.
CREATE TABLE rank (
    predicate INTEGER NOT NULL,
    least INTEGER NOT NULL, -- 1 for the one value that a list is ordered by, 0 for further ones
    kind INTEGER NOT NULL,
    key NOT NULL,
    iri TEXT NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (predicate, least, kind, key, iri)
) WITHOUT ROWID;
CREATE TABLE member (
    class INTEGER NOT NULL,
    name TEXT NOT NULL,
    iri TEXT NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (class, name, iri)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');
-- The box is in single precision and only narrows the search; the exact place decides.
CREATE VIRTUAL TABLE place USING rtree (id, south, north, west, east, +latitude REAL, +longitude REAL);
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
    id INTEGER NOT NULL REFERENCES node,
    position INTEGER NOT NULL REFERENCES entry,
    PRIMARY KEY (id, position)
) WITHOUT ROWID;
CREATE TABLE total (
    resources INTEGER NOT NULL,
    links INTEGER NOT NULL,
    statements INTEGER NOT NULL,
    entries INTEGER NOT NULL
);
INSERT INTO total VALUES (0, 0, 0, 0);
CREATE TABLE archive (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (kind, key)
);
