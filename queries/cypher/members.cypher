// Who has a class, whose rows begin with a text.
MATCH (k:_Key)
USING INDEX k:_Key(key, iri)
WHERE k.key STARTS WITH $start AND k.iri IS NOT NULL
RETURN k.iri
LIMIT $limit
