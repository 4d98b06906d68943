// The log entry that an idempotency key left.
MATCH (e:_Entry {key_digest: $digest})
RETURN e.position, e.time, e.actor, e.cause, e.release, e.body, e.key, e.fingerprint
