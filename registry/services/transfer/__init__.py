"""RDF and whole registries in and out of the record. Reading and writing of RDF syntax lives in rdf."""
