-- Who points at a node with any predicate but one.
SELECT DISTINCT subject.iri
FROM link JOIN node subject ON subject.id = link.subject
WHERE link.object = (SELECT id FROM node WHERE iri = :target)
    AND link.predicate IS NOT (SELECT id FROM node WHERE iri = :but)
LIMIT :limit
