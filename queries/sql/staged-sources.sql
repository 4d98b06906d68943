-- Which staged subjects point at a term and are not left out.
SELECT DISTINCT subject
FROM staged
WHERE object = :object AND datatype = :datatype AND language = :language
    AND (predicate = :predicate OR (:predicate IS NULL AND predicate <> :but))
    AND subject NOT IN (SELECT iri FROM left_out)
LIMIT :limit
