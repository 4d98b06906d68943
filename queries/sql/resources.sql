-- The same of each node named in a JSON list of IRIs.
SELECT iri, document, revision, created_at, updated_at
FROM node
WHERE iri IN (SELECT value FROM json_each(:iris))
