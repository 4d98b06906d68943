// One entity and all that is at most two steps away from it.
MATCH (:${Twin})-[:${twinOf}]->(entity)
WITH entity ORDER BY entity.name LIMIT 1
MATCH path = (entity)-[*1..2]-()
RETURN path LIMIT 200
