-- The log entry that an idempotency key left.
SELECT position, time, actor, cause, release, body, idempotency_key, fingerprint
FROM entry
WHERE idempotency_key = :key
