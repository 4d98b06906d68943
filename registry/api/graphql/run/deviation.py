"""The one way out of a compiled document: whatever is unusual is left to the stock executor."""

from __future__ import annotations


class Deviation(Exception):
    """Something that a compiled document has no place for: a wrong type, a missing value, a feature that is rare.

    The request is then run by graphql-core, from its beginning, so that errors and their paths are exactly its own.
    """
