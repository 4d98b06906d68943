"""SPARQL on the projection: read, bounded, answered by a process of its own, at a known position of the log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from registry.access.principal import Principal
from registry.domain.change import Position
from registry.domain.releases.release import Release
from registry.errors import BadInput, StoreUnavailable, TooLarge
from registry.rdf.sparql_text import Query, read_query
from registry.rdf.terms import Iri
from registry.rdf.vocabulary import BASE
from registry.sparql.checkpoints import Checkpoints
from registry.sparql.projection import Projection
from registry.sparql.projection_update import DATA_GRAPH, MODEL_GRAPH
from registry.sparql.worker_pool import Job, Limits, WorkerPool

SOLUTION_TYPES = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)
GRAPH_TYPES = (
    "text/turtle",
    "application/n-triples",
    "application/rdf+xml",
    "application/ld+json",
    "application/trig",
    "application/n-quads",
)
_LOOK_SECONDS = 0.005


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs of a query, where the request and not the query names them (SPARQL 1.1 Protocol, section 2.1.4).

    `DATA_GRAPH` is the record alone.
    """

    default_graphs: Sequence[Iri] = ()
    named_graphs: Sequence[Iri] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A serialised answer and the position of the log that it reflects."""

    content: bytes
    media_type: str
    position: Position


class Sparql:
    """Read-only SPARQL; the release's prefixes need no declaration. Belongs to one event loop; `close` ends it.

    ``folder`` is for checkpoints, on the projection's file system. ``reach_seconds`` bounds the wait for a position.
    """

    def __init__(
        self,
        projection: Projection,
        folder: Path,
        release: Callable[[], Release],
        limits: Limits = Limits(),  # noqa: B008 - a frozen value
        reach_seconds: float = 10.0,
    ) -> None:
        self._projection = projection
        self._release = release
        self._limits = limits
        self._reach_seconds = reach_seconds
        self._checkpoints = Checkpoints(projection, folder)
        self._pool = WorkerPool(limits)

    def read(self, text: str) -> Query:
        """Check what can be checked without running it.

        Raises BadInput for an update, SERVICE, LOAD, an unknown prefix and what is no query; TooLarge for a long one.
        """
        if len(text.encode(errors="replace")) > self._limits.query_bytes:
            raise TooLarge(
                f"a query may have at most {self._limits.query_bytes:,} bytes",
                limit="query_bytes", bytes=self._limits.query_bytes,
            )  # fmt: skip
        return read_query(text, self._release().model.prefixes)

    async def answer(
        self, principal: Principal, query: Query, media_type: str = "", *, dataset: Dataset | None = None,
        at_least: Position = 0, base: Iri = BASE,
    ) -> Answer:  # fmt: skip
        """Run a query. ``media_type`` is one of `SOLUTION_TYPES` or `GRAPH_TYPES`, the first of them by default.

        ``at_least`` waits until the projection shows that position. Raises BadInput where the engine refuses the text
        or the log has no such position, TooLarge where a limit ends it, and StoreUnavailable where it cannot be
        answered now.
        """
        fitting = GRAPH_TYPES if query.form.answers_triples else SOLUTION_TYPES
        chosen = media_type or fitting[0]
        if chosen not in fitting:
            raise BadInput(
                f"{query.form.value} is answered as {', '.join(fitting)}, not as {chosen}", argument="format"
            )
        await self._reach(at_least)
        async with self._checkpoints.lease(at_least) as checkpoint:
            job = Job(str(checkpoint.folder), query.text, chosen, query.prefixes, base, *_graphs(query, dataset))
            return Answer(await self._pool.run(job), chosen, checkpoint.state.position)

    def graphs(self) -> Sequence[Iri]:
        """The named graphs: one for each module of the release."""
        return [module.iri for module in self._release().modules]

    def stop(self) -> None:
        """End the queries that run or wait, for a server that stops: each is told so. To be called on the loop."""
        self._pool.stop()

    async def close(self) -> None:
        """End the worker processes and remove their checkpoints."""
        await self._pool.close()
        await self._checkpoints.close()

    async def _reach(self, position: Position) -> None:
        if self._projection.position >= position:
            return
        head = self._projection.head()
        if position > head:
            raise BadInput(f"the log ends at position {head}, before {position}", argument="at_least", position=head)
        deadline = time.monotonic() + self._reach_seconds
        self._projection.wake()
        while self._projection.position < position:
            if time.monotonic() > deadline:
                raise StoreUnavailable(
                    f"the projection is at position {self._projection.position} and has not reached {position} yet",
                    position=self._projection.position,
                )  # fmt: skip
            await asyncio.sleep(_LOOK_SECONDS)


def _graphs(query: Query, dataset: Dataset | None) -> tuple[Sequence[Iri] | None, Sequence[Iri] | None]:
    """The graphs of a query: the request's, its own, or else data and model as one with a graph for each module."""
    if dataset is not None:
        return dataset.default_graphs, dataset.named_graphs
    if query.default_graphs is None:
        return (DATA_GRAPH, MODEL_GRAPH.value), None
    if DATA_GRAPH in query.default_graphs:
        return query.default_graphs, query.named_graphs
    return None, None
