-- The position of the last log entry; no row for an empty log.
SELECT position FROM entry ORDER BY position DESC LIMIT 1
