// Archived texts of a kind by key, in the order they were first kept.
MATCH (a:_Archive)
WHERE a.kind = $kind AND a.key IS NOT NULL
RETURN a.key, a.text
ORDER BY a.number
