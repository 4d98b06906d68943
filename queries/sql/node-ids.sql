-- The numbers of the IRIs in a JSON list that have one.
SELECT iri, id
FROM node
WHERE iri IN (SELECT value FROM json_each(:iris))
