"""Graphs, changes and shapes in memory, as the validator wants to read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from registry.rdf.graph import MemoryGraph
from registry.rdf.syntax import Syntax, parse
from registry.rdf.terms import Iri, Statement, Term
from registry.rdf.vocabulary import DASH, OWL, RDF, RDF_TYPE, RDFS, RDFS_SUB_CLASS_OF, SH, XSD
from registry.shacl.shapes import Shapes, compile_shapes

E = "http://example.org/"
PREFIXES = "".join(
    f"PREFIX {prefix}: <{iri}>\n"
    for prefix, iri in {"": E, "sh": SH, "dash": DASH, "rdf": RDF, "rdfs": RDFS, "owl": OWL, "xsd": XSD}.items()
)


class WholeMemoryGraph(MemoryGraph):
    """A `MemoryGraph` with the class hierarchy that its own rdfs:subClassOf statements tell."""

    def superclasses(self, class_iri: Iri) -> frozenset[Iri]:
        return _closure(class_iri, lambda found: self.objects(found, RDFS_SUB_CLASS_OF))

    def instances(self, class_iri: Iri) -> Sequence[Iri]:
        below = _closure(class_iri, lambda found: self.sources(found, RDFS_SUB_CLASS_OF))
        return list(dict.fromkeys(node for found in below for node in self.sources(found, RDF_TYPE)))

    def model(self) -> Iterable[Statement]:
        return ()

    def subjects_of(self, predicate: Iri) -> Iterable[Iri]:
        return [subject for subject in self.subjects() if predicate in self.outgoing(subject)]

    def objects_of(self, predicate: Iri) -> Iterable[Term]:
        return list(dict.fromkeys(target for _, found, target in self if found == predicate))


def _closure(start: Iri, step: Callable[[Iri], Iterable[Term]]) -> frozenset[Iri]:
    seen, waiting = {start}, [start]
    while waiting:
        for found in step(waiting.pop()):
            if isinstance(found, str) and found not in seen:
                seen.add(found)
                waiting.append(found)
    return frozenset(seen)


@dataclass(frozen=True)
class Net:
    """What a write removed and added."""

    removed: Sequence[Statement] = ()
    added: Sequence[Statement] = ()


def statements(turtle: str) -> list[Statement]:
    return list(parse((PREFIXES + turtle).encode(), Syntax.TURTLE, file="shapes.ttl").statements)


def graph(turtle: str) -> WholeMemoryGraph:
    return WholeMemoryGraph(statements(turtle))


def shapes(turtle: str) -> Shapes:
    return compile_shapes(graph(turtle))
