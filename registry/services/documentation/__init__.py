"""The model as a page for people: one HTML file with classes, properties, shapes in words and lifecycles drawn."""

from __future__ import annotations

from registry.services.documentation.page import document

__all__ = ["document"]
