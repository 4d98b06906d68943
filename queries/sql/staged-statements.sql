-- What is staged of some subjects, in the order of the list.
SELECT s.subject, s.predicate, s.object, s.datatype, s.language
FROM json_each(:subjects) AS j
JOIN staged AS s ON s.subject = j.value
ORDER BY j.key
