"""Whole checks of the record: equal to the validator's own, to pySHACL's, and to what the log leads to."""
