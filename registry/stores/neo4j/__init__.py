"""The record in a Neo4j database: a graph that people read, beside the log and the rows that lists are read from."""
