-- The log entries that touched a resource, the latest first.
SELECT position, time, actor, cause, release, body, idempotency_key, fingerprint
FROM touched JOIN entry USING (position)
WHERE id = (SELECT id FROM node WHERE iri = :iri) AND position < :before
ORDER BY position DESC
LIMIT :limit
