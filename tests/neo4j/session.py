"""The one server of a test session, and its database emptied for a test."""

from __future__ import annotations

import atexit
import os
import tempfile
from functools import cache
from pathlib import Path

import pytest
from neo4j import GraphDatabase

from tests.neo4j.runtime import LONG_TERM, missing_tools
from tests.neo4j.server import Neo4jServer


def can_start() -> None:
    """Skip the test with one clear line where no server can run here; fail it where ``CI=true``."""
    reason = missing_tools(LONG_TERM)
    if reason:
        reason += ", or REGISTRY_TEST_NEO4J=bolt://…"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


@cache
def server_url() -> str:
    """Where the session's server answers: the one that REGISTRY_TEST_NEO4J names, or one that is started now.

    Without Java and Maven the test is skipped, and fails where ``CI=true``.
    """
    named = os.environ.get("REGISTRY_TEST_NEO4J")
    if named:
        return named
    can_start()
    scratch = tempfile.TemporaryDirectory(prefix="registry-neo4j-")
    server = Neo4jServer(Path(scratch.name))
    server.start()
    atexit.register(scratch.cleanup)
    atexit.register(server.stop)
    return server.url


def emptied() -> str:
    """The session's server with nothing in it but its indexes."""
    url = server_url()
    with GraphDatabase.driver(url) as driver, driver.session(database="neo4j") as session:
        session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS").consume()
    return url
