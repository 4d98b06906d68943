// The last changes of the log, the newest first.
MATCH (entry:_Entry) WHERE entry.position > 0
RETURN entry.position AS position, entry.time AS time, entry.actor AS actor, entry.cause AS cause
ORDER BY position DESC LIMIT 25
