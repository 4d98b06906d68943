"""The ontology-shaped half of the schema."""
