// Keeps an archived text, new or in place of the one that has its key; returns nothing.
MATCH (c:_Counter {id: 'log'})
SET c.archived = c.archived + 1
WITH c.archived AS number
MERGE (a:_Archive {kind: $kind, key: $key})
ON CREATE SET a.number = number
SET a.text = $text
