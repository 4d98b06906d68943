-- Who has a literal with one of these sort keys, [kind, key] each, for a predicate; the documents tell whose it is.
-- CROSS JOIN keeps the keys outermost: SQLite would rather go through all values of the predicate for each of them.
SELECT rank.iri
FROM json_each(:keys) AS asked
CROSS JOIN rank ON rank.predicate = (SELECT id FROM node WHERE iri = :predicate)
    AND rank.least IN (0, 1) AND rank.kind = asked.value ->> 0 AND rank.key = asked.value ->> 1
LIMIT :limit
