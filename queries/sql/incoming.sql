-- The links that lead to a node, by predicate and subject, behind a pair of them.
SELECT subject.iri, predicate.iri
FROM link
    JOIN node subject ON subject.id = link.subject
    JOIN node predicate ON predicate.id = link.predicate
WHERE link.object = (SELECT id FROM node WHERE iri = :target)
    AND (:predicate IS NULL OR link.predicate = (SELECT id FROM node WHERE iri = :predicate))
    AND predicate.iri <> :but
    AND (predicate.iri, subject.iri) > (:after_predicate, :after_subject)
ORDER BY predicate.iri, subject.iri
LIMIT :limit
