"""Neo4j as the record, on a real server that the tests start or are told of."""
