-- How many links lead to a node.
SELECT count(*)
FROM link
WHERE link.object = (SELECT id FROM node WHERE iri = :target)
    AND (:predicate IS NULL OR link.predicate = (SELECT id FROM node WHERE iri = :predicate))
    AND link.predicate IS NOT (SELECT id FROM node WHERE iri = :but)
