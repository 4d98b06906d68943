"""What a shape can demand, constraint by constraint, of SHACL Core. SPARQL constraints live in shacl/sparql."""
