"""What shapes say of the properties of a class, as data: how many values, of what kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from registry.rdf.terms import Iri, Term, is_blank
from registry.rdf.vocabulary import SH
from registry.shacl.paths import Inverse, Predicate, read_path
from registry.shacl.reports.graph import Severity
from registry.shacl.shape import Shape
from registry.shacl.shapes_graph import ShapesGraph
from registry.shacl.targets import Targets

_VALUES = frozenset(SH + word for word in ("IRI", "BlankNodeOrIRI", "BlankNode"))


@dataclass(frozen=True, slots=True)
class PropertyOutline:
    """One property as some shapes have it, followed from its subject or, ``inverse``, from its object.

    ``least`` and ``most`` count values, ``most`` None for any number. ``datatype``, ``classes`` and ``members`` say
    what each value is: its datatype, classes that it all has, the terms of which it is one. ``one_per_language`` says
    that no language has two texts. Only what refuses a write counts: a recommendation guarantees nothing.
    """

    predicate: Iri
    inverse: bool
    shape: Iri
    least: int = 0
    most: int | None = None
    datatype: Iri | None = None
    classes: tuple[Iri, ...] = ()
    members: tuple[Term, ...] | None = None
    is_link: bool = False
    one_per_language: bool = False

    def and_also(self, other: PropertyOutline) -> PropertyOutline:
        """Both at once."""
        members = self.members if other.members is None else other.members
        if self.members is not None and other.members is not None:
            members = tuple(term for term in self.members if term in other.members)
        return replace(
            self,
            least=max(self.least, other.least),
            most=min((most for most in (self.most, other.most) if most is not None), default=None),
            datatype=self.datatype or other.datatype,
            classes=tuple(dict.fromkeys((*self.classes, *other.classes))),
            members=members,
            is_link=self.is_link or other.is_link,
            one_per_language=self.one_per_language or other.one_per_language,
        )


Outlines = Mapping[tuple[Iri, bool], PropertyOutline]
"""By predicate and whether it is followed from its object."""


class Outline:
    """The properties that the shapes of each class name; what holds for a class holds for those below it."""

    def __init__(self, by_class: Mapping[Iri, Outlines]) -> None:
        self._by_class = by_class

    @property
    def classes(self) -> Iterable[Iri]:
        """The classes of which a shape names a property."""
        return self._by_class.keys()

    def own(self, class_iri: Iri) -> Outlines:
        """What the shapes say that target this very class."""
        return self._by_class.get(class_iri, {})

    def of(self, above: Iterable[Iri]) -> Outlines:
        """What the shapes say that target any of these: a class and all above it."""
        found: dict[tuple[Iri, bool], PropertyOutline] = {}
        for class_iri in sorted(above):
            for key, outline in self.own(class_iri).items():
                found[key] = found[key].and_also(outline) if key in found else outline
        return found


def read_outline(given: ShapesGraph, compiled: Mapping[Iri, Shape], targets: Mapping[Iri, Targets]) -> Outline:
    """Read the property shapes of every shape that targets a class, those that it joins by sh:node and sh:and too."""
    by_class: dict[Iri, dict[tuple[Iri, bool], PropertyOutline]] = {}
    for node, found in targets.items():
        for class_iri in found.classes:
            said = by_class.setdefault(class_iri, {})
            for inner in _joined(given, node, compiled.get):
                outline = _property(given, inner)
                if outline is not None:
                    key = outline.predicate, outline.inverse
                    said[key] = said[key].and_also(outline) if key in said else outline
    return Outline({class_iri: said for class_iri, said in by_class.items() if said})


def _joined(given: ShapesGraph, node: Iri, shape: Callable[[Iri], Shape | None]) -> Iterator[Iri]:
    """The property shapes that every target of a shape must satisfy."""
    waiting, seen = [node], {node}
    for current in waiting:
        compiled = shape(current)
        if compiled is None or compiled.says_anything or given.values(current, "path"):
            if given.values(current, "path"):
                yield current
            conjoined = [member for members in given.lists(current, "and") for member in members]
            for inner in (*given.values(current, "property"), *given.values(current, "node"), *conjoined):
                is_nested = bool(given.values(current, "path"))
                if isinstance(inner, str) and inner not in seen and not is_nested:
                    seen.add(inner)
                    waiting.append(inner)


def _property(given: ShapesGraph, node: Iri) -> PropertyOutline | None:
    """One property shape; None where its path is more than one step, or it is switched off."""
    path = next((read_path(given.graph, found) for found in given.values(node, "path")), None)
    inverse = isinstance(path, Inverse)
    step = path.path if isinstance(path, Inverse) else path
    if not isinstance(step, Predicate) or given.flag(node, "deactivated"):
        return None
    outline = PropertyOutline(step.iri, inverse, given.name(node))
    if not all(severity == SH + Severity.VIOLATION.value for severity in given.values(node, "severity")):
        return outline
    return replace(
        outline,
        least=max(given.counts(node, "minCount"), default=0),
        most=min(given.counts(node, "maxCount"), default=None),
        datatype=next(iter(given.iris(node, "datatype")), None),
        classes=tuple(iri for iri in given.iris(node, "class") if not is_blank(iri)),
        members=next((tuple(members) for members in given.lists(node, "in")), None),
        is_link=bool(given.values(node, "class")) or any(kind in _VALUES for kind in given.values(node, "nodeKind")),
        one_per_language=given.flag(node, "uniqueLang", ("true", "false", "1", "0")),
    )
