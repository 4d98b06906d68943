"""The record: one contract for every store, the writer above it, and what SQLite alone must keep."""
