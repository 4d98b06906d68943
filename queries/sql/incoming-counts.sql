-- How many links point at each of a list of nodes: target, count.
SELECT target.iri, count(*)
FROM json_each(:targets) AS asked
JOIN node target ON target.iri = asked.value
JOIN link ON link.object = target.id
WHERE link.predicate IS NOT (SELECT id FROM node WHERE iri = :but)
    AND (:predicate IS NULL OR link.predicate = (SELECT id FROM node WHERE iri = :predicate))
GROUP BY target.id
