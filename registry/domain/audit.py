"""What stands against resources as they are, for a page of them at a time: whole checks in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

from registry.domain.integrity import faults
from registry.domain.overlay import Net
from registry.domain.release import Release, shapes_of
from registry.domain.resource import NOTHING, Resource
from registry.domain.view import View
from registry.ontology.model import Model
from registry.ontology.modules import Module
from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Statement, Term
from registry.rdf.vocabulary import RDF_TYPE
from registry.shacl.report import Violation
from registry.shacl.shapes import Shapes

NEIGHBOURS = 10_000
"""So many resources that a page leads to are read with it; further ones are read when a check asks for them."""
REFERRERS = 100
"""Who points at a resource is read with the page where they are no more; a hub's are read when a check asks."""
ALL = 2**31 - 1


class Rules(NamedTuple):
    """What an audit goes by: a model, and shapes that need not be those of the active release."""

    model: Model
    shapes: Shapes

    @classmethod
    def of(cls, modules: Sequence[Module]) -> Rules:
        """Compile modules. Raises OntologyRejected for what is not understood."""
        model = Model(modules)
        return cls(model, shapes_of(modules, model))

    @classmethod
    def of_release(cls, release: Release) -> Rules:
        """What writes are decided by."""
        return cls(release.model, release.shapes)


class Snapshot(View, Protocol):
    """One committed state, with the questions that answer for a whole page of resources at once."""

    def incoming(
        self, targets: Iterable[Iri], predicate: Iri | None, after: tuple[Iri, Iri] | None, limit: int
    ) -> Mapping[Iri, Sequence[Statement]]:
        """Who points at each of these, at most ``limit`` for each; rdf:type is left out."""


class PageGraph:
    """A snapshot as the validator reads it, with a page of resources and what is around them read beforehand.

    The individuals of the model are there too. Nothing is too large: this is the bulk job.
    """

    def __init__(self, snapshot: Snapshot, rules: Rules, iris: Sequence[Iri]) -> None:
        self._snapshot = snapshot
        self._individuals = rules.model.individuals
        self.superclasses = rules.model.superclasses
        self.page: Mapping[Iri, Resource] = snapshot.resources(iris)
        self._known: dict[Iri, Resource | None] = dict(self.page)
        near = islice(self._led_to(), NEIGHBOURS)
        asked = list(dict.fromkeys(near))
        there = snapshot.resources(asked)
        self._known.update((iri, there.get(iri)) for iri in asked)
        self._sources = {
            predicate: snapshot.incoming(self.page, predicate, None, REFERRERS + 1)
            for predicate in sorted(rules.shapes.asked_backwards - {RDF_TYPE})
        }

    def outgoing(self, node: Iri) -> Mapping[Iri, Sequence[Term]]:
        """What a node says."""
        resource = self._resource(node)
        return resource.statements if resource is not None else self._individuals.get(node, NOTHING)

    def sources(self, target: Term, predicate: Iri, limit: int | None = None) -> Sequence[Iri]:
        """Who points at a term."""
        if target in self.page and predicate in self._sources:
            found = self._sources[predicate].get(target, ())  # type: ignore[arg-type]
            if len(found) <= REFERRERS:
                return [subject for subject, _, _ in found][:limit]
        return self._snapshot.sources(target, predicate, ALL if limit is None else limit)

    def is_pointed_at(self, node: Iri) -> bool:
        """Whether anything points at a node."""
        return any(self._snapshot.sources(node, predicate, 1) for predicate in (None, RDF_TYPE))

    def is_subject(self, node: Term) -> bool:
        """Whether it is a resource."""
        return isinstance(node, str) and self._resource(node) is not None

    def _resource(self, iri: Iri) -> Resource | None:
        if iri in self._known:
            return self._known[iri]
        return self._snapshot.resources((iri,)).get(iri)

    def _led_to(self) -> Iterator[Iri]:
        for resource in self.page.values():
            for predicate, values in resource.statements.items():
                if predicate != RDF_TYPE:
                    for value in values:
                        if type(value) is str and value not in self._known:
                            yield value


def audited(rules: Rules, snapshot: Snapshot, iris: Sequence[Iri]) -> Iterator[tuple[Iri, list[Violation]]]:
    """What stands against each of some resources, in their order; those that have no fault are left out.

    A value that says nothing itself is laid to the first resource that leads to it. With `audited_beside`, that is all.
    """
    graph = PageGraph(snapshot, rules, iris)
    net = Net(added=tuple(statement for resource in graph.page.values() for statement in resource.triples()))
    broken: dict[Term, list[Violation]] = {}
    for violation in faults(rules.model, snapshot, net):
        broken.setdefault(violation.focus, []).append(violation)
    for iri in graph.page:
        found = rules.shapes.check_subject(graph, iri) + broken.get(iri, [])
        if found:
            yield iri, found


def audited_beside(rules: Rules, snapshot: Snapshot) -> list[Violation]:
    """What stands against the nodes that shapes name and that are no resources."""
    return rules.shapes.check_named(PageGraph(snapshot, rules, ()))


class WholeRecord(MemoryGraph):
    """All statements at once, for shapes whose queries look at more than a page and what is around it.

    The individuals of the model are there to be read, and are no targets.
    """

    def __init__(self, statements: Iterable[Statement], model: Model) -> None:
        super().__init__(statements)
        self._model = model
        self.superclasses = model.superclasses

    def outgoing(self, node: Iri) -> Mapping[Iri, Sequence[Term]]:
        """What a node says."""
        return super().outgoing(node) or self._model.individuals.get(node, NOTHING)

    def instances(self, class_iri: Iri) -> Sequence[Iri]:
        """Every node of a class or of a class below it."""
        below = sorted(self._model.subclasses(class_iri))
        return list(dict.fromkeys(node for found in below for node in self.sources(found, RDF_TYPE)))

    def subjects_of(self, predicate: Iri) -> Iterable[Iri]:
        """Every node that says something with a predicate."""
        return [subject for subject in self.subjects() if self.value(subject, predicate) is not None]

    def objects_of(self, predicate: Iri) -> Iterable[Term]:
        """Every term that something points at with a predicate."""
        return dict.fromkeys(target for _, said, target in self if said == predicate)


def audited_together(rules: Rules, statements: Iterable[Statement]) -> Iterator[Violation]:
    """What the shapes find that only audits hold a graph to; without such shapes nothing is read."""
    return rules.shapes.audit(WholeRecord(statements, rules.model)) if rules.shapes.has_audits else iter(())
