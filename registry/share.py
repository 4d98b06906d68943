"""Where the files that travel with the code are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parent


@cache
def folder(name: str) -> Path:
    """The folder ``ontologies``, ``shapes`` or ``queries``, or one below it such as ``queries/sql``."""
    packaged = _PACKAGE / "share" / name
    return packaged if packaged.is_dir() else _PACKAGE.parent / name


@cache
def query(language: str, name: str) -> str:
    """The text of a named query, ``queries/<language>/<name>.<suffix>``; values are always parameters."""
    suffix = {"sql": "sql", "sparql": "rq", "graphql": "graphql", "cypher": "cypher"}[language]
    return (folder("queries") / language / f"{name}.{suffix}").read_text(encoding="utf-8")
