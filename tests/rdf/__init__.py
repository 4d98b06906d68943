"""Reading, writing and hashing RDF."""
