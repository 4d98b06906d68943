-- Log entries behind a position, in order.
SELECT position, time, actor, cause, release, body, idempotency_key, fingerprint
FROM entry
WHERE position > :after
ORDER BY position
LIMIT :limit
