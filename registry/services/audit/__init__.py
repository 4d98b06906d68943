"""What stands against the record, found in three ways: by the shapes, from the log, by pySHACL."""
