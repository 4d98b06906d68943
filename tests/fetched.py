"""``python -m tests.fetched``: fetch what test processes would otherwise fetch at once, where Maven is there."""

from __future__ import annotations

from registry.ontology import reasoner
from tests.neo4j.runtime import LONG_TERM, NEWEST, libraries, missing_tools
from tests.places import CHECKOUT


def main() -> None:
    """Fetch the servers and the reasoner; tests that need what is missing say so themselves."""
    for distribution in (LONG_TERM, NEWEST):
        if not missing_tools(distribution):
            libraries(distribution)
    if not reasoner.missing_tools():
        reasoner.run(next(iter(reasoner.Task)), CHECKOUT / "ontologies")


if __name__ == "__main__":
    main()
