-- The IRIs of all resources behind one, in code point order.
SELECT iri
FROM node
WHERE iri > :after AND name IS NOT NULL
ORDER BY iri
LIMIT :limit
