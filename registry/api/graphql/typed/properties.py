"""The fields of each class: which properties it has, how many values of what kind, as shapes and ontology say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from registry.api.graphql.typed.exposure import HIDDEN, Exposure, asked_exposure, is_enumeration
from registry.api.graphql.typed.naming import Naming, member_names
from registry.domain.find import Direction
from registry.domain.releases.release import Release
from registry.ontology.model import Model, ModelProperty, PropertyKind
from registry.rdf.terms import Iri, Literal, Term, namespace
from registry.rdf.vocabulary import OWL, RDF_LANG_STRING, RDF_TYPE, RDFS_LABEL, TWIN, TWIN_OF, XSD
from registry.shacl.reports.outline import PropertyOutline

_FIXED = frozenset({RDF_TYPE, RDFS_LABEL, TWIN_OF})
"""Properties that the fixed fields of every resource show."""


class Kind(Enum):
    VALUE = "value"
    ENUM = "enum"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class EnumPlan:
    """A closed list of terms: its type's name, its terms by their names, what they mean, which are for use no more."""

    name: str
    members: tuple[tuple[str, Term], ...]
    definition: str
    meanings: Mapping[str, str]
    deprecated: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """One field.

    ``routes`` are the predicates that state it, and from which end: a link is the same link when only its inverse is
    stated. ``stated`` says that the first of them is stated by the resource itself, so that it can be written.
    ``target`` is the class that a link leads to, None for any resource. ``introduced`` is the class that has the field
    from no other.
    """

    name: str
    predicate: Iri
    routes: tuple[tuple[Iri, Direction], ...]
    stated: bool
    kind: Kind
    single: bool
    datatype: Iri | None
    enum: EnumPlan | None
    target: Iri | None
    definition: str
    deprecated: str | None
    introduced: Iri


class FieldPlans:
    """The fields of the exposed classes. A field has one type in a class and all below it, as interfaces demand."""

    def __init__(self, release: Release, exposure: Exposure, naming: Naming) -> None:
        self._release = release
        self._exposure = exposure
        self._naming = naming
        self._enums: dict[Iri, EnumPlan] = {}
        self._by_domain = _by_domain(release.model, exposure)
        self._by_range = _by_range(release)
        self._settled = self._settle()

    def of(self, iri: Iri) -> Sequence[FieldPlan]:
        """All fields of an exposed class."""
        return tuple(self._settled[iri].values())

    def is_required(self, iri: Iri, plan: FieldPlan) -> bool:
        """Whether shapes demand a value of every member of a class."""
        outlines = self._release.shapes.outline.of(self._release.model.superclasses(iri))
        found = outlines.get((plan.predicate, not plan.stated))
        return found is not None and found.least > 0

    def _settle(self) -> dict[Iri, dict[str, FieldPlan]]:
        """The fields of every class: what it says first, and what it has from those above it."""
        sides: dict[Iri, dict[str, frozenset[Iri]]] = {}
        own: dict[tuple[str, Iri], FieldPlan] = {}
        for iri in sorted(self._exposure.classes, key=lambda one: len(self._release.model.superclasses(one))):
            found: dict[str, frozenset[Iri]] = {}
            for above in self._exposure.above(iri):
                for name, origins in sides[above].items():
                    found[name] = found.get(name, frozenset()) | origins
            for plan in self._own(iri):
                if plan.name not in found:
                    found[plan.name] = frozenset({iri})
                    own[plan.name, iri] = plan
            sides[iri] = found
        agreed = _agreements(own, sides.values())
        return {
            iri: {name: agreed[name, min(origins)] for name, origins in found.items()} for iri, found in sides.items()
        }

    def _own(self, iri: Iri) -> Iterator[FieldPlan]:
        """What a class has from itself, or from a class above it that is not exposed."""
        model = self._release.model
        unexposed = self._reach(iri)
        outlines = self._release.shapes.outline.of(model.superclasses(iri))
        said = {key for above in unexposed for key in self._release.shapes.outline.own(above)}
        said |= {(predicate, False) for above in unexposed for predicate in self._by_domain.get(above, ())}
        said |= {(predicate, True) for above in unexposed for predicate in self._by_range.get(above, ())}
        for predicate, inverse in sorted(said):
            declared = model.properties.get(predicate)
            if self._is_field(predicate, declared):
                outline = outlines.get((predicate, inverse))
                plan = self._inverse(iri, predicate, declared, outline) if inverse else None
                if not inverse:
                    plan = self._forward(iri, predicate, declared, outline)
                if plan is not None:
                    yield plan

    def _reach(self, iri: Iri) -> frozenset[Iri]:
        """A class with those above it that are not exposed and are above no exposed class in between."""
        model = self._release.model
        covered = {far for above in self._exposure.above(iri) for far in model.superclasses(above)}
        return frozenset(model.superclasses(iri) - covered)

    def _is_field(self, predicate: Iri, declared: ModelProperty | None) -> bool:
        twin_of = self._release.model.properties.get(TWIN_OF)
        has_twin = twin_of.inverse if twin_of is not None else None
        return (
            declared is not None
            and predicate not in _FIXED
            and predicate != has_twin
            and asked_exposure(self._release.model, predicate) != HIDDEN
        )

    def _forward(
        self, iri: Iri, predicate: Iri, declared: ModelProperty | None, outline: PropertyOutline | None
    ) -> FieldPlan:
        assert declared is not None
        release, model = self._release, self._release.model
        outline = outline or PropertyOutline(predicate, False, "")
        plan = FieldPlan(
            name=self._naming.field(predicate),
            predicate=predicate,
            routes=((predicate, Direction.OUT),),
            stated=True,
            kind=Kind.VALUE,
            single=outline.most == 1 or (outline.most is None and declared.functional),
            datatype=outline.datatype or _datatype(declared),
            enum=None,
            target=None,
            definition=model.definition(predicate),
            deprecated=self._naming.deprecation(predicate),
            introduced=iri,
        )
        if outline.members is not None:
            return replace(plan, kind=Kind.ENUM, enum=self._listed(iri, plan.name, outline.members))
        if declared.kind is not PropertyKind.OBJECT and not (outline.is_link and outline.datatype is None):
            single = plan.single or (outline.one_per_language and plan.datatype == RDF_LANG_STRING)
            return replace(plan, single=single)
        classes = outline.classes or declared.ranges
        enumerated = next((found for found in classes if is_enumeration(model, found)), None)
        if enumerated is not None:
            return replace(plan, kind=Kind.ENUM, enum=self._individuals(enumerated))
        back = declared.inverse
        ways = [(predicate, Direction.OUT), *([(back, Direction.IN)] if back is not None else [])]
        if OWL + "SymmetricProperty" in release.model.graph.objects(predicate, RDF_TYPE):
            ways.append((predicate, Direction.IN))
        return replace(plan, kind=Kind.LINK, routes=tuple(ways), target=self._target(classes))

    def _inverse(
        self, iri: Iri, predicate: Iri, declared: ModelProperty | None, outline: PropertyOutline | None
    ) -> FieldPlan | None:
        assert declared is not None
        name = self._naming.inverse(predicate)
        if name is None or declared.kind is not PropertyKind.OBJECT or declared.inverse is not None:
            return None
        if OWL + "SymmetricProperty" in self._release.model.graph.objects(predicate, RDF_TYPE):
            return None
        label = self._release.names.name(predicate)
        return FieldPlan(
            name=name,
            predicate=predicate,
            routes=((predicate, Direction.IN),),
            stated=False,
            kind=Kind.LINK,
            single=outline is not None and outline.most == 1,
            datatype=None,
            enum=None,
            target=self._target(declared.domains),
            definition=f"What leads here by `{label}`.",
            deprecated=self._naming.deprecation(predicate),
            introduced=iri,
        )

    def _target(self, classes: Sequence[Iri]) -> Iri | None:
        """The exposed class that all of these make a resource a member of; the fixed type's for twins."""
        model = self._release.model
        above = {found for iri in classes for found in model.superclasses(iri)}
        if TWIN in above:
            return TWIN
        return self._exposure.class_of(sorted(above & model.classes.keys()))

    def _listed(self, iri: Iri, field: str, members: Sequence[Term]) -> EnumPlan:
        names, meanings = self._release.names, {}
        words = member_names([term.lexical if isinstance(term, Literal) else names.name(term) for term in members])
        for word, term in zip(words, members, strict=True):
            meanings[word] = term.lexical if isinstance(term, Literal) else self._release.model.definition(term)
        name = self._naming.derived("", iri, field[:1].upper() + field[1:])
        pairs = tuple(zip(words, members, strict=True))
        return EnumPlan(name, pairs, "", meanings, self._deprecated(pairs))

    def _individuals(self, iri: Iri) -> EnumPlan:
        if iri not in self._enums:
            model, names = self._release.model, self._release.names
            members = sorted(model.instances(iri), key=names.name)
            words = member_names([names.name(member) for member in members])
            meanings = {word: model.definition(member) for word, member in zip(words, members, strict=True)}
            pairs = tuple(zip(words, members, strict=True))
            self._enums[iri] = EnumPlan(
                self._naming.type(iri), pairs, model.definition(iri), meanings, self._deprecated(pairs)
            )
        return self._enums[iri]

    def _deprecated(self, members: Iterable[tuple[str, Term]]) -> Mapping[str, str]:
        """Why some members of an enum should no longer be used."""
        told = ((word, self._naming.deprecation(term)) for word, term in members if isinstance(term, str))
        return {word: reason for word, reason in told if reason is not None}


def _agreements(
    own: Mapping[tuple[str, Iri], FieldPlan], sides: Iterable[Mapping[str, frozenset[Iri]]]
) -> Mapping[tuple[str, Iri], FieldPlan]:
    """One plan for those that some class has from several sides: its type implements all of them."""
    together = {key: {key} for key in own}
    for found in sides:
        for name, origins in found.items():
            if len(origins) > 1:
                merged = set[tuple[str, Iri]]().union(*(together[name, origin] for origin in origins))
                together.update(dict.fromkeys(merged, merged))
    agreed: dict[tuple[str, Iri], FieldPlan] = {}
    for key, members in together.items():
        plans = [own[member] for member in sorted(members)]
        agreed[key] = plans[0] if len(plans) == 1 else _agreed(plans)
    return agreed


def _agreed(plans: Sequence[FieldPlan]) -> FieldPlan:
    """What several plans of one property have in common."""
    first, single = plans[0], all(plan.single for plan in plans)
    if len({(plan.kind, plan.datatype, plan.target, plan.enum and plan.enum.members) for plan in plans}) == 1:
        return replace(first, single=single)
    if any(plan.kind is Kind.LINK for plan in plans):
        targets = {plan.target for plan in plans}
        return replace(
            first, single=single, kind=Kind.LINK, enum=None, target=targets.pop() if len(targets) == 1 else None
        )
    datatypes = {plan.datatype for plan in plans}
    datatype = datatypes.pop() if len(datatypes) == 1 else None
    return replace(first, single=single, kind=Kind.VALUE, enum=None, datatype=datatype)


def _datatype(declared: ModelProperty) -> Iri | None:
    known = [iri for iri in declared.ranges if iri.startswith(XSD) or iri == RDF_LANG_STRING]
    return known[0] if len(known) == 1 else None


def _by_domain(model: Model, exposure: Exposure) -> Mapping[Iri, Sequence[Iri]]:
    """The properties of each class by rdfs:domain. A link without one is of everything in the ontology it is from."""
    found: dict[Iri, list[Iri]] = {}
    roots: dict[Iri, list[Iri]] = {}
    for iri in exposure.classes:
        if not exposure.above(iri):
            roots.setdefault(namespace(iri), []).append(iri)
    shaped = exposure.shaped
    for iri, declared in model.properties.items():
        if declared.kind is PropertyKind.ANNOTATION:
            continue
        anywhere = declared.kind is PropertyKind.OBJECT and not declared.domains and iri not in shaped
        for domain in (*declared.domains, *(roots.get(namespace(iri), ()) if anywhere else ())):
            found.setdefault(domain, []).append(iri)
    return found


def _by_range(release: Release) -> Mapping[Iri, Sequence[Iri]]:
    """The properties that lead to each class, by rdfs:range or a shape."""
    found: dict[Iri, dict[Iri, None]] = {}
    for iri, declared in release.model.properties.items():
        for target in declared.ranges if declared.kind is PropertyKind.OBJECT else ():
            found.setdefault(target, {})[iri] = None
    for class_iri in release.shapes.outline.classes:
        for outline in release.shapes.outline.own(class_iri).values():
            for target in outline.classes if not outline.inverse else ():
                found.setdefault(target, {})[outline.predicate] = None
    return {target: tuple(properties) for target, properties in found.items()}
