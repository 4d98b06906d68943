"""Readers of the change log, each with its own position."""
