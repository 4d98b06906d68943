// How often something was added to the names of the graph.
MATCH (c:_Counter {id: 'log'})
RETURN c.names
