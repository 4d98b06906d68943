"""What watches the registry: alive, ready and why not, and counts for Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import registry
from registry.api.graphql.serve.operations import Counts
from registry.bounded_cache import uses
from registry.capability import Metric
from registry.domain.releases.release import Release
from registry.errors import RegistryError
from registry.services.disk import Disk
from registry.sparql.projection import Projection
from registry.stores.port import Record
from registry.stores.writer import Writer

MOST_BEHIND = 10_000
"""How many entries the projection may lag before the registry says that it is not ready for SPARQL."""


def routes(
    record: Record,
    writer: Writer,
    projection: Projection,
    release: Callable[[], Release],
    documents: Counts,
    disk: Disk,
    others: Callable[[], Sequence[Metric]] = tuple,
) -> list[Route]:
    """The routes for liveness, readiness and metrics; ``others`` are the metrics of capabilities."""

    async def alive(request: Request) -> Response:
        active = release()
        return _json(
            {"status": "alive", "version": registry.__version__, "position": record.head(), "release": active.digest,
             "model": active.version}
        )  # fmt: skip

    async def ready(request: Request) -> Response:
        reasons = list(_obstacles(record, writer, projection, disk))
        return _json({"status": "not ready" if reasons else "ready", "reasons": reasons}, 503 if reasons else 200)

    async def metrics(request: Request) -> Response:
        lines = _metrics(record, writer, projection, documents, disk, others())
        return Response("".join(lines), media_type="text/plain; version=0.0.4; charset=utf-8")

    return [Route("/health", alive), Route("/ready", ready), Route("/metrics", metrics)]


def _obstacles(record: Record, writer: Writer, projection: Projection, disk: Disk) -> Iterator[str]:
    if disk.is_short():
        yield (
            f"the disk is full, or nearly: {disk.free_bytes():,} bytes are free in {disk.folder}, "
            f"and `least_free_bytes` wants {disk.least_free_bytes:,}"
        )
    if record.fault:
        yield record.fault
    if writer.fault:
        yield f"the last write failed: {writer.fault}"
    try:
        behind = record.head() - projection.position
    except RegistryError as error:
        yield error.message
        return
    if projection.fault:
        yield f"the projection cannot follow the log: {projection.fault}"
    if behind > 0 and not projection.is_open:
        done, total = projection.built
        so_far = f" ({done:,} of {total:,} resources)" if total else ""
        yield f"the projection is being built{so_far}: SPARQL answers when it is done"
    if behind > MOST_BEHIND:
        yield f"the projection is {behind:,} entries behind the log"


def _metrics(
    record: Record, writer: Writer, projection: Projection, documents: Counts, disk: Disk, others: Sequence[Metric]
) -> Iterator[str]:
    head = record.head()
    values = [
        ("registry_log_position", "gauge", "Position of the last entry of the log.", head),
        ("registry_projection_position", "gauge", "Last entry that SPARQL shows.", projection.position),
        ("registry_writes_accepted_total", "counter", "Writes stored since the start.", writer.counts.accepted),
        ("registry_writes_refused_total", "counter", "Writes refused since the start.", writer.counts.refused),
        ("registry_write_groups_total", "counter", "Transactions since the start.", writer.counts.groups),
        ("registry_writes_waiting", "gauge", "Writes in the queue.", writer.waiting),
        ("registry_documents_compiled_total", "counter", "GraphQL requests that ran compiled.", documents.compiled),
        ("registry_documents_deviated_total", "counter", "Those that had to be run again.", documents.deviated),
        ("registry_documents_failed_total", "counter", "Those of them that hit a bug.", documents.faults),
        ("registry_record_bytes", "gauge", "Size of the record's file.", disk.record_bytes()),
        ("registry_record_wal_bytes", "gauge", "Size of its write-ahead log.", disk.write_ahead_bytes()),
        ("registry_projection_bytes", "gauge", "Size of the projection.", disk.projection_bytes()),
        ("registry_free_bytes", "gauge", "What is free where the data lies.", disk.free_bytes()),
        ("registry_resident_bytes", "gauge", "Memory of the serving process.", _resident_bytes()),
    ]
    for name, kind, explanation, value in (*values, *others):
        yield f"# HELP {name} {explanation}\n# TYPE {name} {kind}\n{name} {value}\n"
    yield from _of_caches()


def _of_caches() -> Iterator[str]:
    """How well each cache serves, and what it holds: the label says which one it is."""
    kinds = (
        ("registry_cache_hits_total", "counter", "What a cache had, since the start."),
        ("registry_cache_misses_total", "counter", "What a cache did not have, since the start."),
        ("registry_cache_items", "gauge", "How many values a cache holds."),
        ("registry_cache_weight", "gauge", "What they weigh, in the unit by which the cache is bounded."),
    )
    found = list(uses())
    for place, (name, kind, explanation) in enumerate(kinds, start=1):
        yield f"# HELP {name} {explanation}\n# TYPE {name} {kind}\n"
        yield from (f'{name}{{cache="{use.name}"}} {use[place]}\n' for use in found)


def _resident_bytes() -> int:
    try:
        fields = Path("/proc/self/statm").read_text().split()
    except OSError:
        return 0
    return int(fields[1]) * 4096


def _json(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")
