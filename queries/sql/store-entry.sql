-- A log entry.
INSERT INTO entry (position, time, actor, cause, release, body, idempotency_key, fingerprint)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
