// How many twins are in which state of their lifecycle.
MATCH (twin:${Twin})-[:${inState}]->(state)
RETURN state.name AS state, count(*) AS twins, collect(twin.name)[..5] AS some
ORDER BY twins DESC
