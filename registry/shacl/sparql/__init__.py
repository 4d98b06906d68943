"""SHACL-SPARQL: queries read, bounded to what surrounds a node, and asked. Core constraints have their own room."""
