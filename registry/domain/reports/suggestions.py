"""What may satisfy a shape: changes that are worth trying, each with the words for it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple

from registry.domain.integrity import STILL_REFERRED_TO, UNKNOWN_CLASS, UNKNOWN_PROPERTY
from registry.domain.reports.labels import Naming
from registry.domain.view import View
from registry.ontology.model import Model, ModelProperty, PropertyKind
from registry.rdf.terms import Iri, Literal, Statement, Term, is_blank, local_name, namespace, text
from registry.rdf.vocabulary import RDF_TYPE, SH, XSD, XSD_STRING
from registry.shacl.constraints.constraint import component_iri
from registry.shacl.paths import Inverse, Predicate, path_of
from registry.shacl.reports.conversion import converted
from registry.shacl.reports.graph import Violation
from registry.shacl.values import value_of

_MOST_COMPARED = 1_000
"""Terms among which the closest is looked for: names are compared letter by letter."""
_MOST_NEIGHBOURS = 20

_MIN_COUNT, _MAX_COUNT, _HAS_VALUE, _CLASS = map(component_iri, ("minCount", "maxCount", "hasValue", "class"))
_IN, _DATATYPE, _NODE_KIND, _LANGUAGES = map(component_iri, ("in", "datatype", "nodeKind", "languageIn"))
_CLOSED = component_iri("closed")
_DEFAULT = SH + "defaultValue"


class Candidate(NamedTuple):
    """A change that may satisfy the shape, and how to say so. Whether it does is for a trial to say."""

    says: str
    remove: tuple[Statement, ...] = ()
    add: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Looks at a violation in the state that it was found in. ``before`` is the state without the change, if any."""

    model: Model
    naming: Naming
    view: View
    before: View | None = None

    def candidates(self, violation: Violation) -> Iterator[Candidate]:
        """Changes that may satisfy the shape, the likeliest first."""
        statement = self._at_fault(violation)
        match violation.component:
            case component if component in (_MIN_COUNT, _HAS_VALUE):
                yield from self._missing(violation)
            case component if component == _MAX_COUNT:
                yield from self._too_many(violation)
            case component if component in (UNKNOWN_PROPERTY, _CLOSED) and statement is not None:
                yield from self._renamed(violation, statement)
            case component if component == UNKNOWN_CLASS and statement is not None:
                yield from self._other_class(statement)
            case component if component == STILL_REFERRED_TO and statement is not None:
                yield Candidate(f"Take the link to {self.naming.called(statement[2])} away first.", remove=(statement,))
            case _:
                if statement is not None:
                    for term, says in self._replacements(violation, statement[2]):
                        yield Candidate(says, (statement,), ((*statement[:2], term),))
                yield from self._more_classes(violation)

    def _at_fault(self, violation: Violation) -> Statement | None:
        """The one statement that brings the value, where the path is a single step."""
        if violation.value is None or not violation.path:
            return None
        statement = _stating(violation.focus, violation.path, violation.value)
        if statement is None:
            return None
        said = self.view.resources((statement[0],)).get(statement[0])
        return statement if said is not None and statement[2] in said.values(statement[1]) else None

    def _missing(self, violation: Violation) -> Iterator[Candidate]:
        members = violation.given(_IN)
        wanted = [*violation.given(_HAS_VALUE), *violation.given(_DEFAULT), *(members if len(members) == 1 else ())]
        for term in dict.fromkeys(wanted):
            statement = _stating(violation.focus, violation.path, term)
            if statement is not None:
                default = ", the default" if term in violation.given(_DEFAULT) else ""
                says = f"Give {self.naming.called(statement[1])} the value {self.naming.called(term)}{default}."
                yield Candidate(says, add=(statement,))

    def _too_many(self, violation: Violation) -> Iterator[Candidate]:
        most = next((int(term.lexical) for term in violation.given(_MAX_COUNT) if isinstance(term, Literal)), None)
        path = path_of(violation.path) if violation.path else None
        if most is None or not isinstance(path, Predicate) or not isinstance(violation.focus, str):
            return
        stated, stood = (_values(view, violation.focus, path.iri) for view in (self.view, self.before))
        # Whoever adds a value where one stands most likely means to replace it.
        news_first = sorted(stated, key=lambda value: value in stood)
        for ordered in (news_first, stated, stated[::-1]):
            kept, surplus = ordered[:most], ordered[most:]
            words = f"Keep {self._listed(kept)}: remove {self._listed(surplus)}." if kept else "Remove all values."
            yield Candidate(words, remove=tuple((violation.focus, path.iri, value) for value in surplus))

    def _renamed(self, violation: Violation, statement: Statement) -> Iterator[Candidate]:
        subject, predicate, value = statement
        known = [iri for iri in violation.given(_CLOSED) if isinstance(iri, str)] or self.model.properties
        names = self._closest_names(predicate, known)
        for name in names:
            declared = self.model.properties.get(name)
            for term in _as_declared(value, declared):
                says = f"Use {self.naming.called(name)} instead of {local_name(predicate)}."
                yield Candidate(says, (statement,), ((subject, name, term),))
        if names or violation.component == _CLOSED:
            yield Candidate(f"Remove {self.naming.called(predicate)}.", remove=(statement,))

    def _other_class(self, statement: Statement) -> Iterator[Candidate]:
        subject, predicate, value = statement
        for name in self._closest_names(str(value), self.model.classes):
            says = f"Use the class {self.naming.called(name)} instead of {local_name(str(value))}."
            yield Candidate(says, (statement,), ((subject, predicate, name),))

    def _closest_names(self, iri: Iri, known: Iterable[Iri]) -> list[Iri]:
        """Known terms spelt nearly alike in the same namespace, or just alike in another."""
        beside = {local_name(term): term for term in known if namespace(term) == namespace(iri)}
        alike = [term for term in known if local_name(term) == local_name(iri)]
        close = difflib.get_close_matches(local_name(iri), beside, n=2)
        return list(dict.fromkeys([*(beside[name] for name in close), *alike]))

    def _replacements(self, violation: Violation, value: Term) -> Iterator[tuple[Term, str]]:
        """Other terms that may be meant by a value, the likeliest first."""
        for datatype in violation.given(_DATATYPE):
            literal = converted(value, str(datatype))
            if literal is not None:
                yield literal, f"Write {self.naming.called(literal)} as {self.naming.short(str(datatype))}."
        for term in self._meant(violation, value):
            yield term, f"Use {self.naming.called(term)} instead of {self.naming.called(value)}."
        for tag in violation.given(_LANGUAGES):
            if isinstance(value, Literal) and isinstance(tag, Literal) and value.datatype == XSD_STRING:
                yield text(value.lexical, tag.lexical), f"Say that {self.naming.called(value)} is in {tag.lexical}."

    def _meant(self, violation: Violation, value: Term) -> Iterator[Term]:
        members = violation.given(_IN)
        yield from self._closest(value, members)
        kinds = [iri for iri in violation.given(_CLASS) if isinstance(iri, str)]
        is_link = bool(kinds) or SH + "IRI" in violation.given(_NODE_KIND)
        if is_link and isinstance(value, Literal) and self._is_known(value.lexical):
            yield value.lexical
        for kind in kinds:
            yield from self._neighbour(violation.focus, value, kind)
            yield from self._closest(value, self.model.instances(kind))

    def _neighbour(self, focus: Term, value: Term, kind: Iri) -> Sequence[Iri]:
        """The only resource of a class beside a linked one: the entity where its twin was named, say."""
        linked = self.view.resources((value,)).get(value) if isinstance(value, str) else None
        if linked is None:
            return ()
        near = [t for p, targets in linked.statements.items() if p != RDF_TYPE for t in targets if isinstance(t, str)]
        near = [*near[:_MOST_NEIGHBOURS], *self.view.sources(linked.iri, None, _MOST_NEIGHBOURS)]
        there = self.view.resources(iri for iri in near if iri not in (focus, value) and not is_blank(iri))
        fitting = [iri for iri, found in there.items() if self._is_of(found.classes, kind)]
        return fitting if len(fitting) == 1 else ()

    def _more_classes(self, violation: Violation) -> Iterator[Candidate]:
        """What is linked says a wider class than is wanted, or none at all."""
        value = violation.value
        linked = self.view.resources((value,)).get(value) if isinstance(value, str) else None
        if linked is None or violation.component != _CLASS:
            return
        for kind in violation.given(_CLASS):
            wider = self.model.superclasses(str(kind))
            if not linked.classes or not wider.isdisjoint(linked.classes):
                says = f"Say that {self.naming.called(linked.iri)} is of the class {self.naming.called(kind)}."
                yield Candidate(says, add=((linked.iri, RDF_TYPE, kind),))

    def _is_known(self, iri: Iri) -> bool:
        return bool(self.view.resources((iri,))) or self.model.defines(iri)

    def _is_of(self, classes: Iterable[Iri], kind: Iri) -> bool:
        return any(kind in self.model.superclasses(iri) for iri in classes)

    def _closest(self, value: Term, among: Sequence[Term]) -> Sequence[Term]:
        """The term whose number, or else whose text or name, is closest to a value's; none where none is near."""
        number = _number(value)
        numbers = [term for term in among if _number(term) is not None]
        if number is not None and numbers:
            return [min(numbers, key=lambda term: abs((_number(term) or 0.0) - number))]
        spelt: dict[str, Term] = {}
        for term in among[:_MOST_COMPARED]:
            for name in self.naming.names(term):
                spelt.setdefault(name.casefold(), term)
        wanted = value.lexical if isinstance(value, Literal) else local_name(value)
        return [spelt[name] for name in difflib.get_close_matches(wanted.casefold(), spelt, n=1)]

    def _listed(self, terms: Sequence[Term]) -> str:
        return ", ".join(map(self.naming.called, terms))


def _as_declared(value: Term, declared: ModelProperty | None) -> Iterator[Term]:
    """A value as another property can have it: as it is, and in the datatypes of its range."""
    if declared is None or declared.kind is PropertyKind.ANNOTATION:
        yield value
    elif isinstance(value, Literal) == (declared.kind is PropertyKind.DATATYPE):
        yield value
        yield from filter(None, (converted(value, found) for found in declared.ranges))


def _stating(focus: Term, path: str, value: Term) -> Statement | None:
    """The statement by which a path of one step, either way, reaches a value."""
    match path_of(path) if path else None:
        case Predicate(iri) if isinstance(focus, str):
            return focus, iri, value
        case Inverse(Predicate(iri)) if isinstance(value, str):
            return value, iri, focus
    return None


def _values(view: View | None, iri: Iri, predicate: Iri) -> list[Term]:
    resource = None if view is None else view.resources((iri,)).get(iri)
    return [] if resource is None else list(resource.values(predicate))


def _number(term: Term) -> float | None:
    if not isinstance(term, Literal) or not term.datatype.startswith(XSD):
        return None
    value = value_of(term)
    if value is None or value.kind != "number":
        return None
    try:
        number = float(value.content)
    except OverflowError:
        return None
    return number if isfinite(number) else None
