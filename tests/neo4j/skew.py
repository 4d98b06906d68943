"""One side of the race of `test_processes`, as a process of its own."""

from __future__ import annotations

import sys
from contextlib import closing

from registry.stores.neo4j.record import open_neo4j
from registry.stores.open_mode import Access
from tests.neo4j.test_processes import skew

if __name__ == "__main__":
    address, rounds, side = sys.argv[1:]
    with closing(open_neo4j(address, Access.WRITE)) as opened:
        skew(int(rounds), opened, side)
