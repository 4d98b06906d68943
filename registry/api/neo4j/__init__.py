"""What Neo4j Browser loads from the registry: a style sheet and a guide that follow the active model."""
