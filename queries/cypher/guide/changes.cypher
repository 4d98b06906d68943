// The last changes of the log, the newest first.
MATCH (entry:_Entry)
RETURN entry ORDER BY entry.position DESC LIMIT 25
