-- An archived text that is no longer wanted.
DELETE FROM archive WHERE kind = :kind AND key = :key
