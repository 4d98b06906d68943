// Twins with what they stand for and the state they are in.
MATCH entity = (twin:${Twin})-[:${twinOf}]->()
OPTIONAL MATCH state = (twin)-[:${inState}]->()
RETURN entity, state LIMIT 50
