"""Shapes compiled once per release, and the checks that decide writes."""
