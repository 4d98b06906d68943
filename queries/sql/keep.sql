-- An archived text, new or in place of the one that has its key.
INSERT INTO archive (kind, key, text) VALUES (:kind, :key, :text)
ON CONFLICT (kind, key) DO UPDATE SET text = excluded.text
