// Makes the node that counts, and whose lock lets one group of writes in at a time; returns nothing.
MERGE (c:_Counter {id: 'log'})
ON CREATE SET c.seq = 0, c.groups = 0, c.resources = 0, c.links = 0, c.statements = 0, c.shadows = 0, c.archived = 0,
  c.names = 0
SET c.schema = $version
