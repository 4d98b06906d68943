-- Document and revision of one resource.
SELECT iri, document, revision, created_at, updated_at
FROM node
WHERE iri = :iri AND document IS NOT NULL
