// Whether the entry at a position is that of a group, which tells what became of a commit that nobody answered.
// Takes the write lock of the counter first: the server may still be about to commit it.
MATCH (c:_Counter {id: 'log'})
SET c.lock = randomUUID()
WITH c.id AS id
MATCH (e:_Entry {position: $position})
RETURN e.group = $group
