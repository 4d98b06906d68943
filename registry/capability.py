"""The seam between core and capabilities: what a capability hands over, and what of the core it can reach.

A capability is a folder that stands on the core by ordinary calls and imports no other. `registry.app.capabilities`
lists them all and puts them together; whatever a capability lacks is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from registry.api.authentication import Authenticate
    from registry.log.feed import Feed
    from registry.services.audit.audit import Audit
    from registry.services.catalogue import Catalogue
    from registry.services.health import Finding
    from registry.services.releases.ontologies import Ontologies
    from registry.services.twins import Twins
    from registry.sparql.service import Sparql
    from registry.stores.graph_vocabulary import Vocabulary
    from registry.stores.port import Record


@dataclass(frozen=True, slots=True)
class Core:
    """What a capability is opened with. ``settings`` is its own section, None where it has none.

    ``vocabulary`` names terms as Neo4j shows them; None where the record is no Neo4j database.
    """

    settings: Any
    record: Record
    ontologies: Ontologies
    catalogue: Catalogue
    twins: Twins
    audit: Audit
    sparql: Sparql
    feed: Feed
    authenticate: Authenticate
    vocabulary: Callable[[], Vocabulary] | None = None

    def configured(self, settings: Any) -> Core:
        """The same core with the settings of one capability."""
        return replace(self, settings=settings)


class Metric(NamedTuple):
    """One line of ``/metrics``. ``kind`` is a type of the Prometheus text format."""

    name: str
    kind: str
    explanation: str
    value: float


class Follower(Protocol):
    """What runs beside the requests, such as a reader of the log."""

    async def start(self) -> None:
        """Begin, before the first request is answered."""

    async def close(self) -> None:
        """End, after the last request was answered."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What an opened capability adds. The roots of GraphQL are strawberry types, merged with those of the core.

    ``services`` is what the command line and other programs in this process call, by name. What is read at a path of
    ``shared_paths`` may be read by every page of this machine, whatever its port.
    """

    services: Mapping[str, Any] = field(default_factory=dict)
    routes: Sequence[BaseRoute] = ()
    shared_paths: frozenset[str] = frozenset()
    consumers: Sequence[Follower] = ()
    health: Callable[[], Sequence[Finding]] = tuple
    metrics: Callable[[], Sequence[Metric]] = tuple


class Commands(NamedTuple):
    """A group of commands: what ``--help`` says of it, and ``module:attribute`` of the Typer that has them."""

    name: str
    explanation: str
    place: str


@dataclass(frozen=True, slots=True)
class Capability:
    """One capability. ``settings`` is a dataclass whose fields are settings with the capability's name in front.

    ``queries``, ``mutations`` and ``subscriptions`` are looked up as ``module:attribute`` when a schema is built.
    """

    name: str
    open: Callable[[Core], Parts]
    settings: type | None = None
    queries: Sequence[str] = ()
    mutations: Sequence[str] = ()
    subscriptions: Sequence[str] = ()
    commands: Sequence[Commands] = ()
