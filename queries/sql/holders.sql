-- Who has a value with this sort key; the documents tell whether it is the very literal.
SELECT iri
FROM value
WHERE predicate = (SELECT id FROM node WHERE iri = :predicate) AND kind = :kind AND key = :key
