-- Who has a literal with this sort key for any predicate; the documents tell whether it is the very literal.
WITH RECURSIVE stated (predicate) AS (
    SELECT min(predicate) FROM rank
    UNION ALL
    SELECT (SELECT min(predicate) FROM rank WHERE rank.predicate > stated.predicate)
    FROM stated
    WHERE stated.predicate IS NOT NULL
)
SELECT rank.iri
FROM rank
WHERE rank.predicate IN (SELECT predicate FROM stated)
    AND rank.least IN (0, 1) AND rank.kind = :kind AND rank.key = :key
