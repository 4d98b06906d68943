"""What is measured beside the registry on Neo4j: its own statements without it, and npm @neo4j/graphql."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from neo4j import Driver, GraphDatabase, NotificationMinimumSeverity, Session

from registry import share
from registry.domain.change import Change
from registry.domain.commands import Command
from registry.domain.view import View
from registry.services.twins import Twins
from registry.stores.neo4j.connection import Connection
from registry.stores.neo4j.transaction import Neo4jTransaction
from registry.stores.submission import Faults, Submission
from registry.stores.writer import Writer
from tests.neo4j.server import free_port
from tests.places import CHECKOUT
from tests.stores.plant import ACTOR

PACKAGES = ("@neo4j/graphql@7.6.3", "@apollo/server@5.5.1", "graphql@16", "neo4j-driver@5")
NODE_FOLDER = CHECKOUT / "target" / "neo4j-graphql"


@dataclass
class Recording:
    """Statements with their parameters: those of groups of writes, and those of reads."""

    groups: list[list[tuple[str, dict[str, Any]]]] = field(default_factory=list)
    reads: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def driver_of(url: str) -> Driver:
    """The bare driver; as in the registry, the server is not asked for advice."""
    return GraphDatabase.driver(url, notifications_min_severity=NotificationMinimumSeverity.OFF)


@contextmanager
def recording() -> Iterator[Recording]:
    """Note what the registry of this process asks of the server meanwhile."""
    noted = Recording()
    begun, asked, ask_text = Neo4jTransaction._begun, Neo4jTransaction._asked, Connection.ask_text

    def begin(self: Neo4jTransaction) -> Any:
        noted.groups.append([])
        return begun(self)

    def ask(self: Neo4jTransaction, name: str, values: Any) -> Any:
        noted.groups[-1].append((share.query("cypher", name), dict(values)))
        return asked(self, name, values)

    def read(self: Connection, text: str, values: Any, *more: Any) -> Any:
        noted.reads.append((text, dict(values)))
        return ask_text(self, text, values, *more)

    with (
        patch.object(Neo4jTransaction, "_begun", begin),
        patch.object(Neo4jTransaction, "_asked", ask),
        patch.object(Connection, "ask_text", read),
    ):
        yield noted


def in_one_group(writer: Writer, twins: Twins, commands: Sequence[Command]) -> None:
    """Carry out commands so that the writer finds all of them queued."""

    async def all_at_once() -> None:
        begun, go = threading.Event(), threading.Event()

        def hold(view: View) -> Change:
            begun.set()
            go.wait()
            return Change()

        writer.submit(Submission(hold, ACTOR, "hold", faults=Faults.JUDGED))
        begun.wait()
        asked = [asyncio.ensure_future(twins.carry_out(ACTOR, command)) for command in commands]
        while writer.waiting < len(commands):
            await asyncio.sleep(0.01)
        go.set()
        await asyncio.gather(*asked)

    asyncio.run(all_at_once())


def replay_group(session: Session, steps: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """A recorded group once more, behind the last entry of the log, by the driver alone."""
    with session.begin_transaction() as transaction:
        head = transaction.run(share.query("cypher", "begin-group")).values()[0][0]
        for text, values in steps:
            transaction.run(text, _behind(head, values)).values()
        transaction.commit()


def _behind(head: int, values: dict[str, Any]) -> dict[str, Any]:
    if "entries" not in values:
        return values
    moved = head + 1 - values["entries"][0]["position"]
    return {
        **values,
        "entries": [{**row, "position": row["position"] + moved} for row in values["entries"]],
        "touched": [{**row, "position": row["position"] + moved} for row in values["touched"]],
    }


def replay_reads(driver: Driver, reads: Sequence[tuple[str, dict[str, Any]]], clients: int, seconds: float) -> float:
    """How often a second so many clients get the answers to some recorded reads, by the driver alone."""
    end = time.perf_counter() + seconds

    def client() -> int:
        count = 0
        with driver.session(database="neo4j", default_access_mode="READ") as session:
            while time.perf_counter() < end:
                for text, values in reads:
                    session.run(text, values).values()
                count += 1
        return count

    with ThreadPoolExecutor(clients) as threads:
        counts = [threads.submit(client) for _ in range(clients)]
        return sum(found.result() for found in counts) / seconds


def missing_node() -> str:
    """What has to be installed before npm @neo4j/graphql can run here, or nothing."""
    return "" if shutil.which("node") and shutil.which("npm") else "needs Node and npm"


@contextmanager
def npm_neo4j_graphql(url: str) -> Iterator[str]:
    """npm @neo4j/graphql with Apollo on a server; gives its address."""
    if not (NODE_FOLDER / "node_modules").is_dir():
        NODE_FOLDER.mkdir(parents=True, exist_ok=True)
        quiet = ("--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--loglevel=error")
        subprocess.run(["npm", "install", *quiet, "--prefix", str(NODE_FOLDER), *PACKAGES], check=True, timeout=600)
    script = Path(__file__).with_name("neo4j_graphql.cjs")
    environment = {**os.environ, "NODE_PATH": str(NODE_FOLDER / "node_modules"), "NODE_ENV": "production"}
    process = subprocess.Popen(
        ["node", str(script), str(free_port()), url], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, "npm @neo4j/graphql did not start"
        yield address.rstrip("/")
    finally:
        process.kill()
        process.wait()


def groups_per_second(session: Session, groups: Sequence[Sequence[tuple[str, dict[str, Any]]]]) -> Callable[[], int]:
    """Recorded groups that undo each other, again and again; counts groups."""

    def work() -> int:
        rounds = 8
        for _ in range(rounds):
            for steps in groups:
                replay_group(session, steps)
        return rounds * len(groups)

    return work
