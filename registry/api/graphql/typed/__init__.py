"""The half of the schema that the ontology shapes: a type for each class, built anew for each release."""
