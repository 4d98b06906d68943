"""The worker processes that run SPARQL queries: started when needed, ended at a query's limit or after a rest."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from registry.errors import BadInput, StoreUnavailable, TooLarge
from registry.rdf.terms import Iri
from registry.sparql.projection_update import DATA_GRAPH, MODEL_GRAPH

_WORKER = Path(__file__).with_name("worker.py")
_HEADER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may cost. ``waiting`` is how many may queue for a worker before further ones are sent away."""

    seconds: float = 30.0
    rows: int = 100_000
    answer_bytes: int = 64_000_000
    query_bytes: int = 200_000
    memory_bytes: int = 1_000_000_000
    workers: int = 2
    waiting: int = 200
    rest_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Job:
    """One query for a worker. Where both are None the query names its graphs; ``named_graphs`` of None alone are all.

    ``data`` is what the store's default graph is called, ``model`` the graph that repeats the modules.
    """

    checkpoint: str
    query: str
    media_type: str
    prefixes: Mapping[str, Iri]
    base: Iri
    default_graphs: Sequence[Iri] | None = None
    named_graphs: Sequence[Iri] | None = None
    data: Iri = DATA_GRAPH
    model: Iri = MODEL_GRAPH.value


class WorkerPool:
    """At most ``limits.workers`` processes, one query each; the others wait their turn. Belongs to one event loop."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._turns = asyncio.Semaphore(max(1, limits.workers))
        self._waiting = 0
        self._closed = False

    async def run(self, job: Job) -> bytes:
        """The serialised answer.

        Raises BadInput where the engine refuses the text, TooLarge where a limit ends the query (the process ends
        with it), and StoreUnavailable where too many wait. Cancelling ends the query's process as well.
        """
        with self._place():
            await self._turns.acquire()
        try:
            return await self._run(job)
        finally:
            self._turns.release()

    def stop(self) -> None:
        """End what runs or waits: whoever asked is answered that the registry closes."""
        self._closed = True
        for worker in self._busy:
            worker.kill()

    async def close(self) -> None:
        """End the idle workers; a running query ends its own."""
        self._closed = True
        while self._idle:
            await self._idle.pop().end()

    @contextmanager
    def _place(self) -> Iterator[None]:
        if self._waiting >= self.limits.waiting:
            raise StoreUnavailable(f"{self._waiting} queries are waiting already: try again later")
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1

    async def _run(self, job: Job) -> bytes:
        worker = await self._worker()
        self._busy.add(worker)
        try:
            async with asyncio.timeout(self.limits.seconds):
                header, content = await worker.ask(job, self.limits)
        except TimeoutError:
            await worker.end()
            raise TooLarge(
                f"the query was stopped after {self.limits.seconds:g} seconds: ask for less, or raise `sparql_seconds`",
                limit="sparql_seconds", seconds=self.limits.seconds,
            ) from None  # fmt: skip
        except asyncio.IncompleteReadError:
            code = await worker.end()
            raise StoreUnavailable("the registry is closing") if self._closed else _ended(code, self.limits) from None
        except BaseException:
            await worker.end()
            raise
        finally:
            self._busy.discard(worker)
        if self._closed:
            await worker.end()
        else:
            self._idle.append(worker)
            worker.rest(self.limits.rest_seconds, self._retire)
        if "refused" in header:
            raise _refused(header["refused"], job.query)
        return _checked(header, content, self.limits)

    async def _worker(self) -> _Worker:
        if self._closed:
            raise StoreUnavailable("the registry is closing")
        while self._idle:
            worker = self._idle.pop()
            worker.rest_no_more()
            if worker.is_alive:
                return worker
        return await _Worker.start(self.limits.memory_bytes)

    def _retire(self, worker: _Worker) -> None:
        if worker in self._idle:
            self._idle.remove(worker)
            worker.let_go()


class _Worker:
    """One process and its pipes."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._resting: asyncio.TimerHandle | None = None

    @classmethod
    async def start(cls, memory_bytes: int) -> _Worker:
        command = [sys.executable, "-P", str(_WORKER), str(memory_bytes)]
        return cls(
            await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=_HEADER_BYTES, start_new_session=True
            )
        )

    @property
    def is_alive(self) -> bool:
        """Whether the process has not ended, as far as is known."""
        return self._process.returncode is None

    async def ask(self, job: Job, limits: Limits) -> tuple[dict[str, str], bytes]:
        """The worker's header and its content. Raises IncompleteReadError where the process ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        bounds = {"seconds": limits.seconds, "rows": limits.rows, "bytes": limits.answer_bytes}
        self._process.stdin.write(json.dumps(dataclasses.asdict(job) | bounds).encode() + b"\n")
        with suppress(ConnectionError):
            await self._process.stdin.drain()
        header = json.loads(await self._process.stdout.readuntil(b"\n"))
        return header, await self._process.stdout.readexactly(header["bytes"])

    def kill(self) -> None:
        """Kill the process if it still runs."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> int:
        """Kill the process if it still runs, and say how it ended."""
        self.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        return await self._process.wait()

    def rest(self, seconds: float, over: Callable[[_Worker], None]) -> None:
        """Wait for the next query; after so many seconds without one the worker is not worth its memory."""
        self._resting = asyncio.get_running_loop().call_later(seconds, over, self)

    def rest_no_more(self) -> None:
        """A query has come."""
        if self._resting is not None:
            self._resting.cancel()

    def let_go(self) -> None:
        """Let an idle process end by itself."""
        if self._process.stdin is not None:
            self._process.stdin.close()


def _checked(header: Mapping[str, str], content: bytes, limits: Limits) -> bytes:
    if "failed" in header:
        raise StoreUnavailable(f"the projection cannot be read: {header['failed']}")
    match header.get("exceeded"):
        case "rows":
            raise TooLarge(
                f"the answer has more than {limits.rows:,} rows or triples: add a LIMIT, or raise `sparql_rows`",
                limit="sparql_rows", rows=limits.rows,
            )  # fmt: skip
        case "bytes":
            raise TooLarge(
                f"the answer has more than {limits.answer_bytes:,} bytes: add a LIMIT or select less",
                limit="answer_bytes", bytes=limits.answer_bytes,
            )  # fmt: skip
        case "memory":
            raise _too_much_memory(limits)
    return content


def _ended(code: int, limits: Limits) -> Exception:
    """Why a process ended under a query: Rust aborts where memory is refused and overruns its stack at deep nesting."""
    if code in (-signal.SIGABRT, -signal.SIGKILL):
        return _too_much_memory(limits)
    if code == -signal.SIGSEGV:
        return BadInput("the query is nested too deeply", argument="query")
    return RuntimeError(f"a SPARQL worker ended with code {code}")


def _too_much_memory(limits: Limits) -> TooLarge:
    return TooLarge(
        f"the query needs more than {limits.memory_bytes:,} bytes of memory: ask for less at a time",
        limit="memory_bytes", bytes=limits.memory_bytes,
    )  # fmt: skip


def _refused(reason: str, query: str) -> BadInput:
    """The engine's reason as a person reads it: the place, what stands there, and what could, if that is little."""
    match = re.fullmatch(r"error at (\d+):(\d+): expected (?:one of )?(.*)", reason, re.DOTALL)
    if match is None:
        return BadInput(reason, argument="query")
    line, column = int(match[1]), int(match[2])
    rest = query.split("\n")[line - 1][column - 1 :].strip()
    what = f"cannot be read from {rest[:30]!r} on" if rest else "ends too early"
    # Character classes and quoted signs tell a person nothing; sentences and keywords do.
    expected = [part for part in re.split(r",\s+(?![^\[]*\])", match[3]) if part[0] not in '[<"']
    sentences = [part for part in expected if " " in part]
    hint = f": {sentences[0]}" if sentences else f"; {' or '.join(expected)} could follow" if expected else ""
    return BadInput(f"line {line}, column {column}: the query {what}{hint}", argument="query", line=line, column=column)
