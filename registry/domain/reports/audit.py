"""What stands against resources as they are, for a page of them at a time: whole checks in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

from registry.domain.integrity import beside, faults, malformed, outdated
from registry.domain.overlay import Net
from registry.domain.releases.release import Release, shapes_of
from registry.domain.resource import Resource
from registry.domain.view import View
from registry.ontology.model import Model
from registry.ontology.modules import Module
from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Literal, Statement, Term
from registry.rdf.vocabulary import RDF_TYPE
from registry.shacl.reports.graph import Violation
from registry.shacl.shapes import Shapes
from registry.shacl.times import Times

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
        """Compile modules that were compiled already, elsewhere: what was left out of them there is left out again."""
        model = Model(modules)
        return cls(model, shapes_of(modules, model, accepted=modules))

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

    def holders(self, targets: Iterable[Literal], predicate: Iri, most: int) -> Mapping[Term, Sequence[Iri]] | None:
        """Who has each of these literals as a value of a predicate, each that was looked for, or None for too many."""


class PageGraph:
    """A snapshot as the validator reads it, with a page of resources and what is around them read beforehand.

    The terms of the model are there too. Nothing is too large: this is the bulk job.
    """

    def __init__(self, snapshot: Snapshot, rules: Rules, iris: Sequence[Iri]) -> None:
        self._snapshot = snapshot
        self._statements_of = rules.model.statements_of
        self.superclasses = rules.model.superclasses
        self._backwards = rules.shapes.backwards
        self.page: Mapping[Iri, Resource] = snapshot.resources(iris)
        self._known: dict[Iri, Resource | None] = dict(self.page)
        self._says: dict[Iri, Mapping[Iri, Sequence[Term]]] = {
            iri: resource.statements for iri, resource in self.page.items()
        }
        self._read(self._led_to())
        self._sources: dict[Iri, dict[Term, Sequence[Iri]]] = {}
        self._read_sources()

    def outgoing(self, node: Iri) -> Mapping[Iri, Sequence[Term]]:
        """What a node says."""
        says = self._says.get(node)
        if says is None:
            resource = self._resource(node)
            says = resource.statements if resource is not None else self._statements_of(node)
        return says

    def sources(self, target: Term, predicate: Iri | None, limit: int | None = None) -> Sequence[Iri]:
        """Who points at a term."""
        known = self._sources.get(predicate) if predicate is not None else None
        if known is not None and target in known:
            return known[target][:limit]
        found = self._snapshot.sources(target, predicate, ALL if limit is None else limit)
        if predicate in self._backwards.gone_on_from:
            self._read(found)
        return found

    def resources(self, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """The resources that exist."""
        return {iri: resource for iri in iris if (resource := self._resource(iri)) is not None}

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

    def _read(self, iris: Iterable[Iri]) -> None:
        """Read resources, as many as are read beforehand; of further ones each is read when a check asks for it."""
        asked = list(dict.fromkeys(iri for iri in islice(iris, NEIGHBOURS) if iri not in self._known))
        if not asked:
            return
        there = self._snapshot.resources(asked)
        for iri in asked:
            self._known[iri] = resource = there.get(iri)
            self._says[iri] = self._statements_of(iri) if resource is None else resource.statements

    def _read_sources(self) -> None:
        """Read who points at the resources of the page and who has the same values, where shapes ask for that."""
        for predicate in sorted(self._backwards.at_focus - {RDF_TYPE}):
            found = self._snapshot.incoming(self.page, predicate, None, REFERRERS + 1)
            known = {iri: [subject for subject, _, _ in found.get(iri, ())] for iri in self.page}
            self._sources[predicate] = {iri: sources for iri, sources in known.items() if len(sources) <= REFERRERS}
        for stated, predicate in sorted(self._backwards.at_values):
            said = (resource.values(stated) for resource in self.page.values())
            values = [value for found in said for value in found if type(value) is Literal]
            holders = self._snapshot.holders(values, predicate, NEIGHBOURS) if values else None
            self._sources.setdefault(predicate, {}).update(holders or {})
        for predicate in self._backwards.gone_on_from & self._sources.keys():
            self._read(iri for sources in self._sources[predicate].values() for iri in sources)

    def _led_to(self) -> Iterator[Iri]:
        for resource in self.page.values():
            for predicate, values in resource.statements.items():
                if predicate != RDF_TYPE:
                    for value in values:
                        if type(value) is str:
                            yield value


def audited(
    rules: Rules, snapshot: Snapshot, iris: Sequence[Iri], times: Times | None = None
) -> Iterator[tuple[Iri, list[Violation]]]:
    """What stands against each of some resources, in their order; those that have no fault are left out.

    A value that says nothing itself is laid to the first resource that leads to it. With `audited_beside`, that is all.
    ``times`` notes how long each shape took.
    """
    graph = PageGraph(snapshot, rules, iris)
    net = Net(added=tuple(statement for resource in graph.page.values() for statement in resource.triples()))
    broken: dict[Term, list[Violation]] = {}
    for violation in faults(rules.model, graph, net):
        broken.setdefault(violation.focus, []).append(violation)
    # A malformed resource is reported by a spelling of its name that can be written, so each is looked at by itself.
    for iri, resource in graph.page.items():
        if wrong := malformed(resource.triples()):
            broken.setdefault(iri, []).extend(wrong)
    for iri, resource in graph.page.items():
        found = rules.shapes.check_subject(graph, iri, times)
        found += beside(found, broken.get(iri, ()))
        found += outdated(rules.model, resource.triples())
        if found:
            yield iri, found


def audited_beside(rules: Rules, snapshot: Snapshot) -> list[Violation]:
    """What stands against the nodes that shapes name and that are no resources."""
    return rules.shapes.check_named(PageGraph(snapshot, rules, ()))


class WholeRecord(MemoryGraph):
    """All statements at once, for shapes whose queries look at more than a page and what is around it.

    The terms of the model are there to be read, and are no targets.
    """

    def __init__(self, statements: Iterable[Statement], model: Model) -> None:
        super().__init__(statements)
        self._model = model
        self.superclasses = model.superclasses

    def outgoing(self, node: Iri) -> Mapping[Iri, Sequence[Term]]:
        """What a node says."""
        return super().outgoing(node) or self._model.statements_of(node)

    def model(self) -> Iterable[Statement]:
        """What the ontologies say."""
        return self._model.graph

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
