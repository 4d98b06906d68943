"""Decisions, tried on small graphs."""
