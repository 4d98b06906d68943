"""One hash for graphs that are the same but for the names of their blank nodes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import pyoxigraph as ox

from registry.rdf.oxigraph import quad
from registry.rdf.skolem import unskolemised
from registry.rdf.terms import Statement


def canonical_hash(statements: Iterable[Statement]) -> str:
    """SHA-256 of the canonical N-Quads (RDFC-1.0); skolem IRIs count as blank nodes."""
    dataset = ox.Dataset(quad(unskolemised(statement)) for statement in statements)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(str(found) for found in dataset)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
