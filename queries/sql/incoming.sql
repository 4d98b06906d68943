-- Who points at each of a list of nodes, by predicate and subject, behind a pair of them: target, predicate, subject.
WITH found AS (
    SELECT target.iri AS target, predicate.iri AS predicate, subject.iri AS subject,
        row_number() OVER (PARTITION BY target.id ORDER BY predicate.iri, subject.iri) AS place
    FROM json_each(:targets) AS asked
    JOIN node target ON target.iri = asked.value
    JOIN link ON link.object = target.id
    JOIN node predicate ON predicate.id = link.predicate
    JOIN node subject ON subject.id = link.subject
    WHERE link.predicate IS NOT (SELECT id FROM node WHERE iri = :but)
        AND (:predicate IS NULL OR link.predicate = (SELECT id FROM node WHERE iri = :predicate))
        AND (predicate.iri, subject.iri) > (:after_predicate, :after_subject)
)
SELECT target, predicate, subject FROM found WHERE place <= :limit ORDER BY target, place
