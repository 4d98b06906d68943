-- Who has a literal with this sort key for a predicate; the documents tell whether it is the very literal.
SELECT rank.iri
FROM rank
WHERE rank.predicate = (SELECT id FROM node WHERE iri = :predicate)
    AND rank.least IN (0, 1) AND rank.kind = :kind AND rank.key = :key
