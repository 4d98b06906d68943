// How many resources, links, statements and entries there are, and values that only a shadow tells exactly.
MATCH (c:_Counter {id: 'log'})
RETURN c.resources, c.links, c.statements, c.seq, c.shadows
