"""Decisions: pure functions of a view and a release, without I/O."""
