"""The validator, against the W3C suite, other engines, and itself."""
