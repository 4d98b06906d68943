"""Violations as people read them: labels, hints, suggestions, fixes that were tried. The shapes are in shacl."""
