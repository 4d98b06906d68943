-- What is staged of those of some subjects that are not left out.
SELECT s.subject, s.predicate, s.object, s.datatype, s.language
FROM json_each(:subjects) AS j
JOIN staged AS s ON s.subject = j.value
WHERE j.value NOT IN (SELECT iri FROM left_out)
