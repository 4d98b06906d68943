// The position of the last log entry, 0 for an empty log.
MATCH (c:_Counter {id: 'log'})
RETURN c.seq
