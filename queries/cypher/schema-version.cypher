// The number of the schema, null without one, and whether the database is empty.
OPTIONAL MATCH (c:_Counter {id: 'log'})
RETURN c.schema AS version, NOT EXISTS { MATCH (n) WHERE NOT n:_Archive } AS is_empty
