"""Releases of ontology and shapes, as the schema shows them."""

from __future__ import annotations
