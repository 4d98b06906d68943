"""The projection, SPARQL and RDF over HTTP."""
