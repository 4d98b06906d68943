"""What is handed to the writer, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from registry.access.principal import Principal
from registry.domain.change import Change, Position
from registry.domain.releases.release import Release
from registry.domain.resource import Resource
from registry.domain.view import View
from registry.rdf.terms import Iri, Statement
from registry.shacl.reports.graph import Violation


class Mode(Enum):
    """Whether a work is stored, or only answered as if it were."""

    COMMIT = "commit"
    DRY_RUN = "dry-run"


class Faults(Enum):
    """What happens to a change that breaks shapes: it is refused, stored and owed, or was judged before as a whole."""

    REFUSE = "refuse"
    OWE = "owe"
    JUDGED = "judged"


class Warnings(Enum):
    """Whether the warnings of a write that passes get labels, suggestions and tried fixes. Refusals always do."""

    EXPLAINED = "explained"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Submission:
    """A work to run: a pure function of the view it is given, because it may run again.

    ``fingerprint`` tells whether a repeated ``idempotency_key`` repeats the same request. ``reads`` names resources
    that the work is known to look at, so that a far store is asked for them in time. ``commands`` is how many commands
    it applies as one: small works need not wait for several large ones. ``activates`` is the release in
    force from this entry on; ``committed`` is called once the work is durable and before any other is decided.
    """

    work: Callable[[View], Change]
    actor: Principal
    cause: str
    idempotency_key: str | None = None
    fingerprint: str | None = None
    mode: Mode = Mode.COMMIT
    faults: Faults = Faults.REFUSE
    warnings: Warnings = Warnings.EXPLAINED
    reads: tuple[Iri, ...] = ()
    commands: int = 1
    activates: Release | None = None
    committed: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a work. ``position`` is where a reader must be to see it; ``revisions`` of 0 are gone.

    A work that changes nothing leaves no entry and keeps no key: ``removed`` and ``added`` are empty, and the
    position is that of the state it found. ``resources`` holds what the work touched as it left it, after a dry run
    too; for a repeated request it holds them as they are now. ``more_warnings`` counts those that are left out.
    """

    position: Position
    revisions: Mapping[Iri, int]
    removed: tuple[Statement, ...] = ()
    added: tuple[Statement, ...] = ()
    warnings: tuple[Violation, ...] = ()
    resources: Mapping[Iri, Resource] = field(default_factory=dict)
    more_warnings: int = 0
