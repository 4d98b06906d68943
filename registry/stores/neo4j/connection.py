"""The driver: an address taken apart, questions asked again where that helps, faults told in one line."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson
from neo4j import READ_ACCESS, WRITE_ACCESS, Driver, GraphDatabase, NotificationMinimumSeverity, Query, Session
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConfigurationError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
)

from registry import share
from registry.errors import BadInput, StoreUnavailable, TooLarge

SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
_CONNECT_SECONDS = 5.0
_PAUSES_SECONDS = (0.0, 0.05, 0.2, 0.8)
_TOO_LARGE = ("too large to index", "exceeds", "too big")

_TIMED_OUT = "Neo.ClientError.Transaction.TransactionTimedOut"
_SHARED_AMONG = 4

Values = Mapping[str, Any]
Answer = list[list[Any]]


class Connection:
    """A pool of connections to one database. ``round_trips`` counts questions, transactions included."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise BadInput(f"{shown(url)!r} is no address of a Neo4j server", argument="store")
        auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        self.shown = shown(url)
        self.round_trips = 0
        self._database = parts.path.strip("/") or "neo4j"
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        try:
            self._driver: Driver = GraphDatabase.driver(
                f"{parts.scheme}://{host}:{parts.port or 7687}", auth=auth, connection_timeout=_CONNECT_SECONDS,
                connection_acquisition_timeout=_CONNECT_SECONDS * 2,
                notifications_min_severity=NotificationMinimumSeverity.OFF,
            )  # fmt: skip
        except (ConfigurationError, ValueError) as error:
            raise BadInput(f"{self.shown!r} is no address of a Neo4j server: {error}", argument="store") from error
        # In a cluster a read may go to another server than the write before it; bookmarks make it wait for that write.
        self._bookmarks = GraphDatabase.bookmark_manager()

    def session(self, access: str = WRITE_ACCESS) -> Session:
        """A session that sees at least what this process has written."""
        return self._driver.session(
            database=self._database, default_access_mode=access, bookmark_manager=self._bookmarks
        )

    def ask(self, name: str, values: Values, access: str = READ_ACCESS) -> Answer:
        """All rows of a named query, in a transaction of its own."""
        return self.ask_text(share.query("cypher", name), values, access)

    def ask_text(self, text: str, values: Values, access: str = READ_ACCESS, seconds: float | None = None) -> Answer:
        """All rows of a query. It is asked again where a connection had gone stale or the server says so.

        Raises StoreUnavailable where that does not help, TooLarge where the server works longer than ``seconds``.
        """
        # The server looks at the clock on the wall, which runs on while others are served.
        question = text if seconds is None else Query(text, timeout=seconds * _SHARED_AMONG)
        with told(self.shown):
            for pause in _PAUSES_SECONDS:
                time.sleep(pause)
                try:
                    with self.session(access) as session:
                        self.round_trips += 1
                        return [list(record.values()) for record in session.run(question, dict(values))]
                except (DriverError, Neo4jError) as error:
                    if not may_pass(error):
                        raise
                    fault = error
            raise fault

    def close(self) -> None:
        """Close every connection; idempotent."""
        self._driver.close()


def shown(url: str) -> str:
    """An address without its password."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"


def may_pass(error: Exception) -> bool:
    """Whether the same question may be answered a moment later."""
    return isinstance(error, DriverError | Neo4jError) and error.is_retryable()


@contextmanager
def told(address: str) -> Iterator[None]:
    """Tell what the driver or the server complains of as a RegistryError in one line.

    StoreUnavailable names the server; BadInput and TooLarge tell of a value that no record can hold or look for.
    """
    try:
        yield
    except (UnicodeEncodeError, orjson.JSONEncodeError) as error:
        raise BadInput("a text has characters that are none: half of a surrogate pair") from error
    except OverflowError as error:
        raise BadInput("a number is too large to look for") from error
    except AuthError as error:
        raise StoreUnavailable(f"{address} does not let us in: {_line(error)}") from error
    except (ServiceUnavailable, SessionExpired) as error:
        raise StoreUnavailable(f"{address} cannot be reached: {_line(error)}") from error
    except DriverError as error:
        raise StoreUnavailable(f"{address} cannot be used: {_line(error)}") from error
    except Neo4jError as error:
        reason = error.message or str(error)
        if error.code is not None and error.code.startswith(_TIMED_OUT):
            raise TooLarge(
                "no index answers this filter, and looking through the record took too long: add a condition that few "
                "resources meet, or order the list by the property it compares",
                argument="filter",
            ) from error
        if any(words in reason for words in _TOO_LARGE):
            raise TooLarge(f"too large for the record: {_line(error)}") from error
        if isinstance(error, ClientError) and not may_pass(error):
            raise
        raise StoreUnavailable(f"{address} cannot be used: {_line(error)}") from error


def _line(error: Exception) -> str:
    reason = error.message if isinstance(error, Neo4jError) else str(error)
    return " ".join((reason or type(error).__name__).split())[:300]
