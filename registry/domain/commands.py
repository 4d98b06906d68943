"""What can be asked of the registry, as values. `registry.domain.decisions` says what each means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from registry.domain.lifecycle import Parts
from registry.domain.relationship import relationship_iri
from registry.rdf.terms import Iri, Literal, Term
from registry.rdf.vocabulary import TELEMETRY

GOOD = TELEMETRY + "Good"
"""The quality of a reading that does not say how good it is."""

Properties: TypeAlias = Mapping[Iri, tuple[Term, ...]]


@dataclass(frozen=True, slots=True)
class NewPoint:
    """A data point of a new twin; its IRI follows from the twin's and the name where none is given."""

    name: str
    iri: Iri | None = None
    properties: Properties = field(default_factory=dict)


class IfExists(Enum):
    """What to do with a twin or an entity that is there already."""

    REFUSE = "refuse"
    PATCH = "patch"


@dataclass(frozen=True, slots=True)
class RegisterTwin:
    """A twin and, if it is new, its entity. ``classes`` and ``properties`` describe a new entity only.

    ``entity`` None makes a new one with a minted IRI. ``lifecycle`` None takes the machine that governs core:Twin.
    `IfExists.PATCH` gives what is there already the values that are said here, and registers only what is missing.
    """

    iri: Iri | None = None
    entity: Iri | None = None
    classes: tuple[Iri, ...] = ()
    properties: Properties = field(default_factory=dict)
    template: Iri | None = None
    lifecycle: Iri | None = None
    twin_properties: Properties = field(default_factory=dict)
    points: tuple[NewPoint, ...] = ()
    if_exists: IfExists = IfExists.REFUSE


@dataclass(frozen=True, slots=True)
class CreateResource:
    """A managed resource that is no twin; it starts in the initial state of the lifecycle that governs its class."""

    iri: Iri | None
    classes: tuple[Iri, ...]
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Renaming:
    """A name in place of the label that a reader of these languages sees; None takes that label away."""

    name: str | None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PatchResource:
    """Replace the values of some properties and remove others; a property set to no values is removed.

    ``texts`` replace, of a property, those in one language alone. What is ``unset`` goes first.
    """

    iri: Iri
    set: Properties = field(default_factory=dict)
    unset: tuple[Iri, ...] = ()
    expected_revision: int | None = None
    texts: Mapping[tuple[Iri, str], tuple[Term, ...]] = field(default_factory=dict)
    renaming: Renaming | None = None


@dataclass(frozen=True, slots=True)
class Link:
    subject: Iri
    predicate: Iri
    object: Iri
    properties: Properties = field(default_factory=dict)
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class Unlink:
    subject: Iri
    predicate: Iri
    object: Iri
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    twin: Iri
    trigger: str
    reason: str | None = None
    parts: Parts = Parts.AS_DECLARED
    expected_revision: int | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A value of a data point, which is named by its point name within the twin or by its IRI."""

    point: str
    value: Literal
    observed_at: str | None = None
    quality: Iri | None = None


@dataclass(frozen=True, slots=True)
class ReportState:
    """What the world says. A reading older than the stored one changes nothing."""

    twin: Iri
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class RequestState:
    """What the world is asked to be."""

    twin: Iri
    readings: tuple[Reading, ...]


class Along(Enum):
    """What goes with a resource that is deleted."""

    NOTHING = "nothing"
    TWIN = "twin"


@dataclass(frozen=True, slots=True)
class DeleteResource:
    """Remove everything a resource says. Its identifier is never minted again.

    `Along.TWIN` removes the twin of an entity too, and of a twin its data points and the records of its transitions.
    """

    iri: Iri
    expected_revision: int | None = None
    along: Along = Along.NOTHING


@dataclass(frozen=True, slots=True)
class ReplaceIri:
    """Give a resource another IRI, which moves every link to it, and keep the old one as an alias."""

    former: Iri
    iri: Iri
    expected_revision: int | None = None


Single: TypeAlias = (
    RegisterTwin
    | CreateResource
    | PatchResource
    | Link
    | Unlink
    | Transition
    | ReportState
    | RequestState
    | DeleteResource
    | ReplaceIri
)


@dataclass(frozen=True, slots=True)
class Apply:
    """Several commands as one write: each sees what those before it did, and all are stored or none."""

    commands: tuple[Single, ...]


Command: TypeAlias = Single | Apply


def named(command: Command) -> Iterator[Iri]:
    """The resources that a command names, in any order and more than once: what carrying it out looks at first."""
    match command:
        case Apply(commands):
            for single in commands:
                yield from named(single)
        case RegisterTwin():
            yield from (iri for iri in (command.iri, command.entity) if iri is not None)
            yield from _values(command.properties, command.twin_properties)
            for point in command.points:
                yield from _values(point.properties)
        case CreateResource(iri, _, properties):
            yield from (one for one in (iri,) if one is not None)
            yield from _values(properties)
        case PatchResource(iri, properties):
            yield iri
            yield from _values(properties)
        case Link(subject, predicate, target) | Unlink(subject, predicate, target):
            yield from (subject, target, relationship_iri(subject, predicate, target))
        case ReportState(iri, readings):
            yield iri
            yield from (reading.quality or GOOD for reading in readings)
        case ReplaceIri(former, iri):
            yield from (former, iri)
        case Transition(iri) | RequestState(iri) | DeleteResource(iri):
            yield iri


def _values(*properties: Properties) -> Iterator[Iri]:
    return (value for said in properties for values in said.values() for value in values if isinstance(value, str))
