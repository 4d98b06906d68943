// Who has a row of one of these keys, in pages behind an IRI; the nodes tell whether it is the very literal.
MATCH (k:_Key)
USING INDEX k:_Key(key, iri)
WHERE k.key IN $keys AND k.iri > $after
RETURN DISTINCT k.iri AS iri
ORDER BY iri
LIMIT $limit
