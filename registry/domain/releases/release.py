"""One immutable version of ontology and shapes, compiled: what every write is decided by."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from registry.domain.lifecycle import Machine, read_machines
from registry.errors import OntologyRejected
from registry.ontology.model import Model
from registry.ontology.modules import Module, ModuleKind
from registry.ontology.names import Names
from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Literal
from registry.rdf.vocabulary import BASED_ON_TEMPLATE, CORE, TEMPLATE_SHAPE
from registry.shacl.dormancy import described
from registry.shacl.shapes import HasValueTarget, Shapes, compile_shapes


@dataclass(frozen=True)
class Release:
    """Swapped by one assignment; ``digest`` names it in every entry of the log."""

    version: str
    digest: str
    model: Model = field(repr=False)
    shapes: Shapes = field(repr=False)
    machines: dict[Iri, Machine] = field(repr=False)
    names: Names = field(repr=False)
    modules: tuple[Module, ...] = field(repr=False)
    path_labels: dict[str, tuple[Literal, ...]] = field(default_factory=dict, repr=False, compare=False)
    """What paths are called, as far as somebody asked: it follows from the model, and most warnings repeat."""


def compile_release(
    modules: Sequence[Module], names: Names | None = None, accepted: Collection[Module] = ()
) -> Release:
    """Compile modules; ``names`` are those issued so far, which stay.

    Of ``accepted`` modules, which were published here, what shapes say and this version does not read is left out, and
    `Shapes.no_longer_read` tells what: a record opens whatever version wrote it.

    Raises OntologyRejected, with findings of the form ``file:line: reason``, for whatever is not understood.
    """
    ordered = sorted(modules, key=lambda module: (module.kind.value, module.name))
    model = Model(ordered)

    place = _placing(ordered)
    machines = read_machines(model, place)
    guards = {transition.guard for machine in machines.values() for transition in machine.transitions}
    shapes = shapes_of(ordered, model, {guard for guard in guards if guard is not None}, accepted)
    unknown = [
        f"{place(transition.iri)}: the guard <{transition.guard}> of {transition.label} is no shape"
        for machine in machines.values()
        for transition in machine.transitions
        if transition.guard is not None and transition.guard not in shapes
    ]
    if unknown:
        raise OntologyRejected(f"a guard is missing: {unknown[0]}", unknown)
    return Release(
        version=next((m.version for m in ordered if m.iri + "#" == CORE), ""),
        digest=_digest(ordered),
        model=model,
        shapes=shapes,
        machines=machines,
        names=(names or Names()).extended(model),
        modules=tuple(ordered),
    )


def shapes_of(
    modules: Sequence[Module], model: Model, guards: Collection[Iri] = frozenset(), accepted: Collection[Module] = ()
) -> Shapes:
    """The shapes among modules, compiled; ``accepted`` are those that were published here, maybe by an older version.

    Raises OntologyRejected for what is not understood of the others.
    """
    return compile_shapes(
        MemoryGraph(s for module in modules if module.kind.has_shapes for s in module.statements),
        origin=_placing(modules),
        extra_targets=template_targets(model),
        foreign=frozenset(s[0] for m in modules if m.kind is ModuleKind.FOREIGN for s in m.statements),
        ontologies=model.graph,
        asked_for=guards,
        accepted=frozenset(s[0] for m in accepted if m.kind.has_shapes for s in m.statements),
    )


def unchecked_in(release: Release) -> tuple[list[str], list[str]]:
    """What no write is held to though the release has it: shapes that never run, and predicates passed over."""
    return described(release.shapes.unchecked, _placing(release.modules))


def _placing(modules: Sequence[Module]) -> Callable[[Iri], str]:
    """Tells where a term is defined."""
    places: dict[Iri, str] = {}
    by_subject: dict[Iri, Module] = {}

    def place(iri: Iri) -> str:
        if not by_subject:
            by_subject.update((statement[0], module) for module in reversed(modules) for statement in module.statements)
        if iri not in places:
            places[iri] = by_subject[iri].place(iri) if iri in by_subject else ""
        return places[iri]

    return place


def template_targets(model: Model) -> dict[Iri, list[HasValueTarget]]:
    """A template's shape targets the twins that are based on it, though SHACL has no target for that."""
    found: dict[Iri, list[HasValueTarget]] = {}
    for iri, statements in model.individuals.items():
        for shape in statements.get(TEMPLATE_SHAPE, ()):
            if isinstance(shape, str):
                found.setdefault(shape, []).append(HasValueTarget(BASED_ON_TEMPLATE, iri))
    return found


def _digest(modules: Sequence[Module]) -> str:
    whole = hashlib.sha256()
    for module in modules:
        whole.update(f"{module.kind.value} {module.name} {module.digest}\n".encode())
    return whole.hexdigest()
