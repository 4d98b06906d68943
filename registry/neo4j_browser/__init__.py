"""Neo4j Browser on our database: a style sheet and a guide of the active model. The record is in stores/neo4j."""
