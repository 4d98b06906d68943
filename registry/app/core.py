"""The composition root: settings → record → followers → services. `application` puts the surfaces on top."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from registry import private
from registry.access.principal import Principal
from registry.domain.releases.release import Release, compile_release
from registry.errors import BadInput, StoreUnavailable
from registry.ontology.modules import load_modules
from registry.services.audit.audit import Audit
from registry.services.catalogue import Catalogue
from registry.services.health import Health
from registry.services.releases.impacts import Impacts
from registry.services.releases.ontologies import Ontologies
from registry.services.releases.releases import Releases
from registry.services.transfer.importer import Transfer
from registry.settings import Settings
from registry.shacl.budget import Allowance
from registry.sparql.projection import Projection
from registry.stores.open_mode import Access
from registry.stores.port import Record
from registry.stores.sqlite.record import open_sqlite
from registry.stores.writer import Writer

if TYPE_CHECKING:
    from registry.api.http.comparison import Vocabularies
    from registry.sparql.service import Sparql

__all__ = ["Access", "Registry", "active_release", "graph_words", "open_queries", "open_registry"]

LEAST_WORKER_BYTES = 200_000_000
"""In less a SPARQL worker cannot open a checkpoint and answer a small query."""

_SQLITE = "sqlite:///"
NEO4J_SCHEMES = ("neo4j:", "neo4j+s:", "neo4j+ssc:", "bolt:", "bolt+s:", "bolt+ssc:")


@dataclass
class Registry:
    """One opened registry and all its services. ``writer`` and ``projection`` are None where only reading is allowed
    or another process has them."""

    settings: Settings
    record: Record
    ontologies: Ontologies
    writer: Writer | None
    projection: Projection | None
    catalogue: Catalogue
    transfer: Transfer
    health: Health
    audit: Audit
    releases: Releases

    @cached_property
    def principal(self) -> Principal:
        """Who acts while authentication is off: the one named in the settings, in every role."""
        return Principal(self.settings.actor)

    def close(self) -> None:
        """Finish queued writes and release every file; idempotent."""
        if self.writer is not None:
            self.writer.close()
        if self.projection is not None:
            self.projection.close()
            private.mend(self.settings.data)
        self.record.close()


def open_registry(settings: Settings, access: Access = Access.WRITE) -> Registry:
    """Open the record and build the services on it.

    Raises BadInput for a store nobody knows, StoreUnavailable for one that cannot be used, OntologyRejected for a
    model that is not understood.
    """
    modules = load_modules(settings.model)
    if access is Access.WRITE and not settings.data.exists():
        _make_data_folder(settings)
    record = open_record(settings, access)
    try:
        if access is Access.WRITE:
            private.mend(settings.data, record_file(settings))
        ontologies = Ontologies(record, modules, access)
        projection = _open_projection(settings, record, ontologies, access)
        writer = None
        if access is Access.WRITE:
            writer = Writer(
                record, ontologies.active, settings.queue_length, follow_release=ontologies.follow,
                allowance=Allowance(settings.shapes_seconds),
            )  # fmt: skip
            if projection is not None:
                writer.follow(projection.wake)
        exposed = partial(private.exposed, settings.data, record_file(settings))
        opener = partial(open_record, settings, Access.READ)
        audit = Audit(record, ontologies.active, opener)
        return Registry(
            settings, record, ontologies, writer, projection,
            catalogue=Catalogue(record, ontologies, settings.page_size),
            transfer=Transfer(record, writer, ontologies.active, settings.data, opener),
            health=Health(record, ontologies, projection, exposed),
            audit=audit,
            releases=Releases(record, ontologies, writer, Impacts(record, audit)),
        )  # fmt: skip
    except BaseException:
        record.close()
        raise


def active_release(settings: Settings) -> Release:
    """The release that a record is under, or that a new one would begin with, to be looked at without serving it."""
    path = Path(settings.store_url.removeprefix(_SQLITE))
    if settings.store_url.startswith(_SQLITE) and not path.exists():
        return compile_release(load_modules(settings.model))
    registry = open_registry(settings, Access.READ)
    try:
        return registry.ontologies.active()
    finally:
        registry.close()


def _make_data_folder(settings: Settings) -> None:
    try:
        private.make_folder(settings.data)
    except OSError as error:
        raise StoreUnavailable(f"cannot make the folder {settings.data}: {error.strerror}") from error


def record_file(settings: Settings) -> Path | None:
    """The file that the record is in, None where it is in a database."""
    url = settings.store_url
    return Path(url.removeprefix(_SQLITE)).resolve() if url.startswith(_SQLITE) else None


def open_record(settings: Settings, access: Access) -> Record:
    """The record alone. Raises BadInput for a store nobody knows, StoreUnavailable for one that cannot be used."""
    url = settings.store_url
    if url.startswith(_SQLITE):
        return open_sqlite(Path(url.removeprefix(_SQLITE)), access)
    if url.startswith(NEO4J_SCHEMES):
        # The driver is heavy, and a record in a file does without it.
        from registry.stores.neo4j.record import open_neo4j

        return open_neo4j(url, access)
    raise BadInput(
        f"{url.split('@')[-1]!r} is no store this registry has: use sqlite:///PATH or neo4j://USER:PASSWORD@HOST",
        argument="store",
    )


def graph_words(registry: Registry) -> Vocabularies:
    """What terms are called in Neo4j; where the record is a file, what they would be called in an empty database."""
    from registry.stores.neo4j.naming import Names
    from registry.stores.neo4j.words import Words

    if not registry.settings.store_url.startswith(NEO4J_SCHEMES):
        return partial(Words, Names({}))
    from registry.stores.neo4j.record import Neo4jRecord

    record = registry.record
    assert isinstance(record, Neo4jRecord)
    return lambda known: Words(record.renewed(), known)


def _open_projection(settings: Settings, record: Record, ontologies: Ontologies, access: Access) -> Projection | None:
    try:
        return Projection(settings.data / "projection", record, ontologies.active, ontologies.follow)
    except StoreUnavailable:
        # A reader does without what the serving process follows; a writer is that process, and needs its own.
        if access is Access.WRITE:
            raise
        return None


def shared_memory(total_bytes: int, wanted: int, cores: int) -> tuple[int, int]:
    """How many SPARQL workers there are, and the bytes of each; together they never take more than the total.

    Raises BadInput where the workers that are wanted could not run in so little.
    """
    most = total_bytes // LEAST_WORKER_BYTES
    if most < max(1, wanted):
        raise BadInput(
            f"`sparql_memory_bytes` of {total_bytes:,} is too little for {max(1, wanted)} SPARQL workers: each needs "
            f"{LEAST_WORKER_BYTES:,} bytes",
            argument="sparql_memory_bytes",
        )
    workers = wanted or min(cores, most)
    return workers, total_bytes // workers


def open_queries(registry: Registry) -> Sparql:
    """The SPARQL service of an opened registry. Raises StoreUnavailable where another process has the projection."""
    from registry.sparql.service import Sparql
    from registry.sparql.worker_pool import Limits

    settings, projection = registry.settings, registry.projection
    if projection is None:
        raise StoreUnavailable(f"another process has the projection in {settings.data} open: ask it over HTTP")
    workers, memory = shared_memory(settings.sparql_memory_bytes, settings.sparql_workers, os.cpu_count() or 1)
    limits = Limits(settings.sparql_seconds, settings.sparql_rows, memory_bytes=memory, workers=workers)
    return Sparql(projection, settings.data / "checkpoints", registry.ontologies.active, limits)
