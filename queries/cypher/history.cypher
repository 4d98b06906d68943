// The log entries that touched a resource, the latest first.
MATCH (t:_Touch)
WHERE t.iri = $iri AND t.position < $before
WITH t.position AS position
ORDER BY position DESC
LIMIT $limit
MATCH (e:_Entry {position: position})
RETURN e.position, e.time, e.actor, e.cause, e.release, e.body, e.key, e.fingerprint
ORDER BY e.position DESC
