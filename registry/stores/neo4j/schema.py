"""Constraints and indexes: a few of a fixed kind serve every class and property that there will be."""

from __future__ import annotations

from neo4j import WRITE_ACCESS

from registry import share
from registry.errors import StoreUnavailable
from registry.stores.neo4j.connection import Connection
from registry.stores.open_mode import Access

VERSION = 1
"""The number of the schema, kept in the counter node."""


def prepare(connection: Connection, access: Access) -> None:
    """Make sure that the database is a record, and make an empty one into it where writing is asked for.

    Raises StoreUnavailable for a database that is something else, is too new, or is empty and only to be read.
    """
    found = connection.ask("schema-version", {})
    version, is_empty = found[0]
    if version is None and not is_empty:
        raise StoreUnavailable(f"{connection.shown} holds data of another program, and no registry record")
    if version is not None and version > VERSION:
        raise StoreUnavailable(
            f"{connection.shown} has schema {version}, and this registry knows {VERSION}: use a newer registry"
        )
    if access is Access.WRITE:
        for statement in statements():
            connection.ask_text(statement, {}, WRITE_ACCESS)
        connection.ask("make-counter", {"version": VERSION}, WRITE_ACCESS)
        connection.ask("await-indexes", {}, WRITE_ACCESS)
    elif version is None:
        raise StoreUnavailable(
            f"there is no record at {connection.shown} yet: `registry serve` or `registry import` makes one"
        )


def statements() -> list[str]:
    """The commands that make constraints and indexes; each may run again."""
    return [part.strip() for part in share.query("cypher", "schema").split(";") if part.strip()]
