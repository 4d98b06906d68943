"""The record: one port, one writer, and the stores behind it."""
