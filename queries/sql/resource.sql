-- Document and revision of one node; without a document, it is only pointed at, or once was a resource.
SELECT iri, document, revision, created_at, updated_at
FROM node
WHERE iri = :iri
