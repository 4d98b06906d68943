"""What the schema of a release is made of: classes with their names and fields, decided from ontology and shapes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from registry.api.graphql.typed.exposure import Exposure
from registry.api.graphql.typed.naming import Naming
from registry.api.graphql.typed.properties import FieldPlan, FieldPlans, Kind
from registry.domain.releases.release import Release
from registry.rdf.terms import Iri
from registry.rdf.vocabulary import TWINNED_ENTITY

MOST_WEIGHT = 14_000
"""So many fields, over all types, keep the schema under 2 MB of definition language whatever the ontology."""

_CHARACTERS = 150
"""So many characters of definitions weigh as much as a field; a field's stands in its type and in one input."""

_OF_ITS_OWN = 25
"""What a class weighs without its own fields: those of every resource, its root fields, its further types."""


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """One class as the schema shows it.

    ``name`` is the type of all its members, ``object_name`` that of those which are of no exposed class below it: the
    same where there is none. ``above`` are the names of the types that it is also of, the nearest first.
    """

    iri: Iri
    name: str
    object_name: str
    one: str
    all: str
    definition: str
    deprecated: str | None
    above: tuple[str, ...]
    is_entity: bool
    fields: Mapping[str, FieldPlan]
    required: frozenset[str]

    @property
    def has_below(self) -> bool:
        """Whether exposed classes lie below it, so that its name stands for an interface."""
        return self.name != self.object_name

    def links(self) -> Iterable[FieldPlan]:
        """The fields that lead to other resources and are stated here, not followed backwards."""
        return (found for found in self.fields.values() if found.kind is Kind.LINK and found.stated)


@dataclass(frozen=True)
class Plan:
    """Everything that the types of a release are built from; ``left_out`` are classes for which there was no room."""

    release: Release = field(repr=False)
    exposure: Exposure = field(repr=False)
    classes: Mapping[Iri, ClassPlan]
    left_out: Sequence[Iri]
    naming: Naming = field(repr=False)

    @cached_property
    def type_names(self) -> frozenset[str]:
        """The names of the types of all classes."""
        return frozenset(name for plan in self.classes.values() for name in (plan.name, plan.object_name))

    def object_name(self, classes: Sequence[Iri], expected: Iri | None = None) -> str | None:
        """The object type of a resource of these classes; None where it has none, or is not what is expected."""
        found = self.exposure.class_of(classes, expected)
        return None if found is None else self.classes[found].object_name


def plan_of(release: Release, taken_types: Iterable[str], taken_roots: Iterable[str]) -> Plan:
    """Decide the types of a release beside those names that the fixed half has."""
    exposure = Exposure(release)
    every = exposure.classes
    naming = Naming(release, every, taken_types, taken_roots)
    fields = FieldPlans(release, exposure, naming)
    left_out = _fit(exposure, fields)
    if left_out:
        fields = FieldPlans(release, exposure, naming)
    plans = {iri: _class(release, exposure, naming, fields, iri) for iri in exposure.classes}
    return Plan(release, exposure, plans, left_out, naming)


def _fit(exposure: Exposure, fields: FieldPlans) -> Sequence[Iri]:
    """Leave classes out until the rest fits; each comes after those above it, so that none loses its place."""
    kept: list[Iri] = []
    weight = 0
    for iri in exposure.classes:
        found = fields.of(iri)
        texts = sum(2 * len(plan.definition) for plan in found) // _CHARACTERS
        own = len(found) + texts + _OF_ITS_OWN
        weight += own * 2 if exposure.below(iri) else own
        if weight > MOST_WEIGHT:
            break
        kept.append(iri)
    left_out = exposure.classes[len(kept) :]
    if left_out:
        exposure.limit(kept)
    return left_out


def _class(release: Release, exposure: Exposure, naming: Naming, fields: FieldPlans, iri: Iri) -> ClassPlan:
    found = {plan.name: plan for plan in fields.of(iri)}
    name = naming.type(iri)
    return ClassPlan(
        iri=iri,
        name=name,
        object_name=naming.derived("Plain", iri, "") if exposure.below(iri) else name,
        one=naming.one(iri),
        all=naming.all(iri),
        definition=release.model.definition(iri),
        deprecated=naming.deprecation(iri),
        above=tuple(naming.type(above) for above in exposure.above(iri)),
        is_entity=TWINNED_ENTITY in release.model.superclasses(iri),
        fields=dict(sorted(found.items())),
        required=frozenset(plan.name for plan in found.values() if fields.is_required(iri, plan)),
    )
