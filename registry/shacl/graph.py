"""What a check reads: two narrow views of a graph, so that any store can serve them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from registry.rdf.terms import Iri, Statement, Term


class Graph(Protocol):
    """The neighbourhood of nodes: all that checking one write needs."""

    def outgoing(self, node: Iri) -> Mapping[Iri, Sequence[Term]]:
        """What a node says, by predicate; empty for an unknown node."""

    def sources(self, target: Term, predicate: Iri, limit: int | None = None) -> Sequence[Iri]:
        """Who points at a term with a predicate: all of them, or no more than a limit."""

    def is_pointed_at(self, node: Iri) -> bool:
        """Whether anything points at a node, with whatever predicate but rdf:type."""

    def superclasses(self, class_iri: Iri) -> frozenset[Iri]:
        """The class itself and all classes above it."""


class SubjectGraph(Graph, Protocol):
    """A graph that is gone through subject by subject: for audits. It is to remember itself what it has read."""

    def is_subject(self, node: Term) -> bool:
        """Whether it is one of the subjects that are gone through."""


class WholeGraph(Graph, Protocol):
    """A graph that can also list what targets name: for whole checks in memory and the conformance suite."""

    def instances(self, class_iri: Iri) -> Iterable[Iri]:
        """Every node of a class or of a class below it."""

    def subjects_of(self, predicate: Iri) -> Iterable[Iri]:
        """Every node that says something with a predicate."""

    def objects_of(self, predicate: Iri) -> Iterable[Term]:
        """Every term that something points at with a predicate."""

    def model(self) -> Iterable[Statement]:
        """What ontologies say beside the graph itself: there to be read, and no target."""

    def __iter__(self) -> Iterator[Statement]:
        """Everything that is said, without the model."""


class Delta(Protocol):
    """What a write removed and added, net: no statement stands on both sides."""

    @property
    def removed(self) -> Sequence[Statement]: ...

    @property
    def added(self) -> Sequence[Statement]: ...
