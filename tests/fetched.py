"""``python -m tests.fetched``: fetch what test processes would otherwise fetch at once, where Maven or npm is there."""

from __future__ import annotations

import shutil

from registry.ontology import reasoner
from tests.clients import test_clients, test_generators
from tests.neo4j.runtime import LONG_TERM, NEWEST, libraries, missing_tools
from tests.npm import installed
from tests.places import CHECKOUT


def main() -> None:
    """Fetch the servers, the reasoner and the clients of npm; tests that need what is missing say so themselves."""
    for distribution in (LONG_TERM, NEWEST):
        if not missing_tools(distribution):
            libraries(distribution)
    if shutil.which("npm") and shutil.which("node"):
        installed("javascript-clients", *test_clients.PACKAGES)
        installed("javascript-generators", *test_generators.PACKAGES)
    if not reasoner.missing_tools():
        reasoner.run(next(iter(reasoner.Task)), CHECKOUT / "ontologies")


if __name__ == "__main__":
    main()
