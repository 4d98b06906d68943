-- The scratch file of an import: what was read, and what of it is left out.
CREATE TABLE staged (
    subject TEXT NOT NULL,
    predicate TEXT NOT NULL,
    object TEXT NOT NULL,
    datatype TEXT NOT NULL, -- empty for an IRI
    language TEXT NOT NULL,
    PRIMARY KEY (subject, predicate, object, datatype, language)
) WITHOUT ROWID;
CREATE TABLE left_out (iri TEXT PRIMARY KEY) WITHOUT ROWID
