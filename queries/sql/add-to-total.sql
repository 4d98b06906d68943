-- The counts after a group of writes.
UPDATE total
SET resources = resources + :resources, links = links + :links, statements = statements + :statements,
    entries = entries + :entries
