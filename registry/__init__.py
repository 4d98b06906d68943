"""A semantic twin registry: twins, assets and relationships as one knowledge graph, every write decided by shapes."""

__version__ = "0.1.0"
