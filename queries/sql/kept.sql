-- Archived texts of a kind by key, in the order they were first kept.
SELECT key, text FROM archive WHERE kind = :kind ORDER BY number
