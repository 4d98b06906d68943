-- The last revision of everything in a JSON list of IRIs that is or once was a resource.
SELECT iri, revision
FROM node
WHERE iri IN (SELECT value FROM json_each(:iris)) AND revision > 0
