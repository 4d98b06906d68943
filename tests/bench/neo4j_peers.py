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
from registry.stores.neo4j.group_lock import Believed, Locked
from registry.stores.submission import Faults, Submission
from registry.stores.writer import Writer
from tests.neo4j.server import free_port
from tests.places import CHECKOUT
from tests.stores.plant import ACTOR

PACKAGES = ("@neo4j/graphql@7.6.3", "@apollo/server@5.5.1", "graphql@16", "neo4j-driver@5")
NODE_FOLDER = CHECKOUT / "target" / "neo4j-graphql"


Statement = tuple[str, dict[str, Any]]


@dataclass
class Recording:
    """Statements with their parameters: those of groups of writes, and those of reads."""

    groups: list[list[Statement]] = field(default_factory=list)
    reads: list[Statement] = field(default_factory=list)

    def stored(self) -> list[list[Statement]]:
        """The groups that stored something."""
        return [steps for steps in self.groups if any("entries" in values for _, values in steps)]


def driver_of(url: str) -> Driver:
    """The bare driver; as in the registry, the server is not asked for advice."""
    return GraphDatabase.driver(url, notifications_min_severity=NotificationMinimumSeverity.OFF)


@contextmanager
def recording() -> Iterator[Recording]:
    """Note what the registry of this process asks of the server meanwhile."""
    noted = Recording()
    locked, believed, ask_text = Locked.__init__, Believed.__init__, Connection.ask_text
    asked, asked_of_belief, stored = Locked.ask, Believed.ask, Believed.store

    def lock(self: Locked, *given: Any) -> None:
        noted.groups.append([(share.query("cypher", "begin-group"), {})])
        locked(self, *given)

    def believe(self: Believed, *given: Any) -> None:
        noted.groups.append([])
        believed(self, *given)

    def ask(self: Locked, name: str, values: Any) -> Any:
        noted.groups[-1].append((share.query("cypher", name), dict(values)))
        return asked(self, name, values)

    def ask_of_belief(self: Believed, name: str, values: Any) -> Any:
        noted.groups[-1].append((share.query("cypher", name), dict(values)))
        return asked_of_belief(self, name, values)

    def store(self: Believed, values: Any) -> None:
        stored(self, values)
        noted.groups[-1].append((share.query("cypher", "store-group"), {**values, "head": self.head}))

    def read(self: Connection, text: str, values: Any, *more: Any) -> Any:
        noted.reads.append((text, dict(values)))
        return ask_text(self, text, values, *more)

    with (
        patch.object(Locked, "__init__", lock),
        patch.object(Believed, "__init__", believe),
        patch.object(Locked, "ask", ask),
        patch.object(Believed, "ask", ask_of_belief),
        patch.object(Believed, "store", store),
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


def head_of(session: Session) -> int:
    """Where the log ends."""
    return int(session.run(share.query("cypher", "head")).values()[0][0])


def replay_group(session: Session, steps: Sequence[Statement], head: int) -> int:
    """A recorded group once more, behind the last entry of the log, by the driver alone; returns the new end.

    As in the registry, a group that took the lock first is one transaction, and of any other each statement is one.
    """
    rows: list[list[Any]] = []
    if steps[0][0] != share.query("cypher", "begin-group"):
        for text, values in steps:
            rows = session.run(text, _behind(head, values)).values()
        return int(rows[0][0])
    with session.begin_transaction() as transaction:
        for text, values in steps:
            rows = transaction.run(text, _behind(head, values)).values()
        transaction.commit()
    return int(rows[0][0])


def _behind(head: int, values: dict[str, Any]) -> dict[str, Any]:
    if "entries" not in values:
        return values
    moved = head + 1 - values["entries"][0]["position"]
    return {
        **values,
        "head": head,
        "entries": [{**row, "position": row["position"] + moved} for row in values["entries"]],
        "touched": [{**row, "position": row["position"] + moved} for row in values["touched"]],
    }


def replay_alone(driver: Driver, singles: Sequence[Sequence[dict[str, Any]]], seconds: float) -> float:
    """How many writes a second as many clients get done by the driver alone, each write a transaction of its own.

    ``singles`` has for each client what the writes store that it repeats. Several write at once, so each takes the
    lock before it looks where the log ends.
    """
    end = time.perf_counter() + seconds
    begin, store = share.query("cypher", "begin-group"), share.query("cypher", "store-group")

    def client(writes: Sequence[dict[str, Any]]) -> int:
        count = 0
        with driver.session(database="neo4j") as session:
            while time.perf_counter() < end:
                with session.begin_transaction() as transaction:
                    head = transaction.run(begin).values()[0][0]
                    transaction.run(store, _behind(head, writes[count % len(writes)])).values()
                    transaction.commit()
                count += 1
        return count

    with ThreadPoolExecutor(len(singles)) as threads:
        return sum(threads.map(client, singles)) / seconds


def replay_reads(driver: Driver, reads: Sequence[Statement], clients: int, seconds: float) -> float:
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


def groups_per_second(session: Session, groups: Sequence[Sequence[Statement]]) -> Callable[[], int]:
    """Recorded groups that undo each other, again and again; counts groups."""

    def work() -> int:
        rounds = 8
        head = head_of(session)
        for _ in range(rounds):
            for steps in groups:
                head = replay_group(session, steps, head)
        return rounds * len(groups)

    return work
