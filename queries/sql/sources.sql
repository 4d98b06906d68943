-- Who points at a node with a predicate.
SELECT subject.iri
FROM link JOIN node subject ON subject.id = link.subject
WHERE link.object = (SELECT id FROM node WHERE iri = :target)
    AND link.predicate = (SELECT id FROM node WHERE iri = :predicate)
LIMIT :limit
