-- A resource that is there already, in its new state under the same name: its places by name and by age stay.
UPDATE node
SET revision = v.column2, updated_at = v.column3, document = v.column4
FROM (VALUES (?, ?, ?, ?)) AS v
WHERE node.id = v.column1
