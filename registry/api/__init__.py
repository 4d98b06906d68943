"""The registry over HTTP: GraphQL, SPARQL, RDF, health."""
