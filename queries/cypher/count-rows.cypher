// How many rows there are to search by: of keys, of words.
RETURN COUNT { MATCH (k:_Key) WHERE k.iri >= '' AND k.key IS NOT NULL } AS keys, COUNT { MATCH (w:_Words) WHERE w.iri >= '' } AS words
