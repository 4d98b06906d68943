"""Terms, syntax and canonical form of RDF: the layer everything else stands on."""
