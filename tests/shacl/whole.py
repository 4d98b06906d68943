"""A whole graph in memory, as the validator wants to read it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Term
from registry.rdf.vocabulary import RDF_TYPE, RDFS_SUB_CLASS_OF


class WholeMemoryGraph(MemoryGraph):
    """A `MemoryGraph` with the class hierarchy that its own rdfs:subClassOf statements tell."""

    def superclasses(self, class_iri: Iri) -> frozenset[Iri]:
        return self._closure(class_iri, lambda found: self.objects(found, RDFS_SUB_CLASS_OF))

    def instances(self, class_iri: Iri) -> Sequence[Iri]:
        below = self._closure(class_iri, lambda found: self.sources(found, RDFS_SUB_CLASS_OF))
        return list(dict.fromkeys(node for found in below for node in self.sources(found, RDF_TYPE)))

    def subjects_of(self, predicate: Iri) -> Iterable[Iri]:
        return [subject for subject in self.subjects() if predicate in self.outgoing(subject)]

    def objects_of(self, predicate: Iri) -> Iterable[Term]:
        return list(dict.fromkeys(target for _, found, target in self if found == predicate))

    @staticmethod
    def _closure(start: Iri, step: object) -> frozenset[Iri]:
        seen, waiting = {start}, [start]
        while waiting:
            for found in step(waiting.pop()):  # type: ignore[operator]
                if isinstance(found, str) and found not in seen:
                    seen.add(found)
                    waiting.append(found)
        return frozenset(seen)
