// The last revision of everything with these IRIs that is or once was a resource.
UNWIND $iris AS iri
OPTIONAL MATCH (n:_Node {iri: iri})
OPTIONAL MATCH (g:_Gone {iri: iri})
WITH iri, coalesce(n._revision, g.revision) AS revision
WHERE revision IS NOT NULL
RETURN iri, revision
