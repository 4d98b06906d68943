"""The fixtures as data: ``<module>/<Shape>/{valid,invalid}-<slug>.ttl``, the expected results in their first lines.

``# expect: <shape> <severity>`` names a shape that must speak; no other may. ``# focus: :<name>`` names the node that a
guard or a template shape, which has no target, is run on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from registry.domain.releases.release import Release, compile_release
from registry.ontology.modules import ModuleKind, load_modules
from registry.rdf.graph import MemoryGraph
from registry.rdf.syntax import Syntax, parse
from registry.rdf.terms import Iri, Statement, Term, local_name
from registry.rdf.vocabulary import BASE, SH
from registry.shacl.reports.graph import Violation
from registry.shacl.shapes import Shapes

HERE = Path(__file__).parent
NAMESPACE = "https://fixture.example/"


@dataclass(frozen=True)
class Fixture:
    """One file. ``expected`` holds the local names of the shapes that must speak, with their severity."""

    path: Path
    shape: Iri
    focus: Iri | None
    expected: frozenset[tuple[str, str]]
    statements: tuple[Statement, ...]

    @property
    def name(self) -> str:
        return f"{self.path.parent.parent.name}/{self.path.parent.name}/{self.path.stem}"


@cache
def release() -> Release:
    """The standard release."""
    return compile_release(load_modules(""))


def shapes_graph() -> list[Statement]:
    """What the standard shapes state."""
    return [s for module in release().modules if module.kind is ModuleKind.SHAPES for s in module.statements]


@cache
def fixtures() -> Sequence[Fixture]:
    """Every fixture, read once."""
    return tuple(_read(path) for path in sorted(HERE.glob("*/*/*.ttl")))


def _read(path: Path) -> Fixture:
    text = path.read_text(encoding="utf-8")
    focus = re.search(r"^# focus: :(\S+)$", text, re.MULTILINE)
    expected = re.findall(r"^# expect: (\S+) (\w+)$", text, re.MULTILINE)
    shape = f"{BASE}shapes/{path.parent.parent.name}#{path.parent.name}"
    statements = tuple(parse(text.encode(), Syntax.TURTLE, file=path.name).statements)
    return Fixture(path, shape, focus and NAMESPACE + focus[1], frozenset(expected), statements)


class FixtureGraph(MemoryGraph):
    """A fixture's statements with the terms of the model around them."""

    def outgoing(self, node: Iri) -> Mapping[Iri, Sequence[Term]]:
        return super().outgoing(node) or release().model.statements_of(node)

    def model(self) -> Iterator[Statement]:
        return iter(release().model.graph)

    def superclasses(self, class_iri: Iri) -> frozenset[Iri]:
        return release().model.superclasses(class_iri)

    def instances(self, class_iri: Iri) -> Sequence[Iri]:
        found = (iri for below in release().model.subclasses(class_iri) for iri in MemoryGraph.instances(self, below))
        return list(dict.fromkeys(found))

    def subjects_of(self, predicate: Iri) -> Iterator[Iri]:
        return (subject for subject in self.subjects() if predicate in MemoryGraph.outgoing(self, subject))

    def objects_of(self, predicate: Iri) -> Iterator[Term]:
        return (target for _, found, target in self if found == predicate)


def spoken(shapes: Shapes, fixture: Fixture) -> list[Violation]:
    """What the shapes say of a fixture: all that have targets, and the one it is for where that has none."""
    graph = FixtureGraph(fixture.statements)
    found = list(shapes.validate(graph))
    if fixture.focus is not None:
        found += shapes.check_shape(graph, fixture.focus, fixture.shape)
    return found


def names(found: Sequence[Violation]) -> frozenset[tuple[str, str]]:
    """The local names of the shapes that spoke, with their severity."""
    return frozenset((local_name(violation.shape), violation.severity.value) for violation in found)


def is_constraint(statement: Statement) -> bool:
    """Whether a statement of the shapes graph makes something forbidden."""
    told = {"path", "name", "message", "severity", "targetClass", "property", "ignoredProperties", "description"}
    predicate = statement[1]
    ours = predicate.startswith(SH) or predicate.endswith("uniqueValueForClass")
    return ours and predicate.removeprefix(SH) not in told and not statement[0].startswith("_:")
