-- The new state of a resource.
UPDATE node
SET revision = ?, created_at = coalesce(created_at, ?), updated_at = ?, name = ?, document = ?
WHERE id = ?
