-- The next staged subjects that are not left out, in code point order.
SELECT DISTINCT subject
FROM staged
WHERE subject > :after AND subject NOT IN (SELECT iri FROM left_out)
ORDER BY subject
LIMIT :limit
