// Lets one group of writes in: takes the write lock of the counter, and then tells head and version of the names.
MATCH (c:_Counter {id: 'log'})
SET c.lock = randomUUID()
WITH c.id AS id
MATCH (c:_Counter {id: id})
RETURN c.seq, c.names
