// Log entries behind a position, in order.
MATCH (e:_Entry)
WHERE e.position > $after
RETURN e.position, e.time, e.actor, e.cause, e.release, e.body, e.key, e.fingerprint
ORDER BY e.position
LIMIT $limit
