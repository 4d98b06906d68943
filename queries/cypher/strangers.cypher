// What somebody else has put into the database, one line each: nodes and relationships that are no part of the record.
MATCH (n)
WHERE NOT n:_Node AND NOT n:_Key AND NOT n:_Words AND NOT n:_Place AND NOT n:_Entry AND NOT n:_Touch AND NOT n:_Gone
  AND NOT n:_Archive AND NOT n:_Counter
RETURN 'a node with the labels ' + reduce(said = '', label IN labels(n) | said + ':' + label)
  + ' is no part of the record' + coalesce(': ' + toString(n.iri), '') AS line
LIMIT $limit
UNION ALL
MATCH (n:_Node)
WHERE n.iri IS NULL OR NOT n.iri IS :: STRING
RETURN 'a node ' + coalesce(n.name, elementId(n)) + ' has no IRI' AS line
LIMIT $limit
UNION ALL
MATCH (n:_Node)
WHERE n.iri IS NOT NULL AND n._revision IS NULL
  AND (size(labels(n)) > 1 OR size(keys(n)) > 2 OR EXISTS { (n)-->() } OR NOT EXISTS { (n)<--() })
RETURN toString(n.iri) + ' is no resource of the log, and says something' AS line
LIMIT $limit
