// Forgets an archived text; returns nothing.
MATCH (a:_Archive {kind: $kind, key: $key})
DELETE a
