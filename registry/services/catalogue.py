"""Looking things up: lists, resources in batches, history, and what shapes say of things as they are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from registry.access.principal import Principal
from registry.domain.change import Entry, Position
from registry.domain.find import Find, Group, Incoming, Page, Tally
from registry.domain.judgement import judge, owed
from registry.domain.overlay import Overlay
from registry.domain.releases.release import Release
from registry.domain.reports.explanation import explain
from registry.domain.resource import Resource
from registry.errors import BadInput
from registry.rdf.skolem import skolemise
from registry.rdf.syntax import Syntax, parse
from registry.rdf.terms import Iri, Statement
from registry.rdf.vocabulary import TWIN_OF
from registry.services.releases.ontologies import Ontologies, ReleaseNote
from registry.shacl.budget import PATIENCE_SECONDS, limited
from registry.shacl.reports.graph import Violation
from registry.stores.port import Record


class Catalogue:
    """Reads only. Point reads run at once, because they cost less than a change of thread; the rest runs in one."""

    def __init__(self, record: Record, ontologies: Ontologies, page_size: int = 1_000) -> None:
        self._record = record
        self._ontologies = ontologies
        self._release = ontologies.active
        self._page_size = page_size

    @property
    def release(self) -> Release:
        """The active release."""
        return self._release()

    async def resources(self, principal: Principal, iris: Iterable[Iri]) -> Mapping[Iri, Resource]:
        """Those of the resources that exist."""
        return self._record.view().resources(iris)

    async def find(self, principal: Principal, find: Find) -> Page:
        """A page of a list. Raises BadInput for a faulty cursor and a page over the largest size."""
        if find.first > self._page_size:
            raise BadInput(f"a page has at most {self._page_size:,} items, not {find.first:,}", argument="first")
        return await asyncio.to_thread(self._record.find, find)

    async def incoming(
        self,
        principal: Principal,
        targets: Sequence[Iri],
        predicate: Iri | None,
        after: tuple[Iri, Iri] | None,
        limit: int,
    ) -> Mapping[Iri, Sequence[Statement]]:
        """The links that lead to each of some resources."""
        return await asyncio.to_thread(self._record.incoming, targets, predicate, after, limit)

    async def incoming_counts(
        self, principal: Principal, targets: Sequence[Iri], predicate: Iri | None
    ) -> Mapping[Iri, int]:
        """How many links lead to each of some resources."""
        return await asyncio.to_thread(self._record.incoming_counts, targets, predicate)

    async def incoming_each(
        self, principal: Principal, asked: Sequence[Incoming]
    ) -> Sequence[Mapping[Iri, Sequence[Statement]]]:
        """The links that lead to some resources, for several questions at once."""
        return await asyncio.to_thread(self._record.incoming_each, asked)

    async def tally(self, principal: Principal, tally: Tally) -> Sequence[Group]:
        """How many resources have each value of a property."""
        return await asyncio.to_thread(self._record.tally, tally)

    async def history(self, principal: Principal, iri: Iri, before: Position | None, limit: int) -> Sequence[Entry]:
        """The changes that touched a resource, the latest first."""
        return await asyncio.to_thread(self._record.history, iri, before, limit)

    async def head(self, principal: Principal) -> Position:
        """The position of the last entry of the log."""
        return self._record.head()

    async def violations(self, principal: Principal, iri: Iri) -> Sequence[Violation]:
        """What stands against a resource as it is, and against the entity that it is a twin of."""
        return await asyncio.to_thread(self._violations, iri)

    async def explained(self, principal: Principal, violations: Sequence[Violation]) -> Sequence[Violation]:
        """Violations of what is stored, with labels, suggestions and fixes."""
        return await asyncio.to_thread(explain, self._release(), Overlay(self._record.view()), violations)

    async def validate(self, principal: Principal, turtle: str, base: Iri | None = None) -> Sequence[Violation]:
        """What storing a document would break, nothing stored. Raises SyntaxFault for one that does not parse."""
        return await asyncio.to_thread(self._validate, turtle, base)

    async def releases(self, principal: Principal) -> Sequence[ReleaseNote]:
        """The releases that were published here, the first one first."""
        return await asyncio.to_thread(self._ontologies.notes)

    def _violations(self, iri: Iri) -> Sequence[Violation]:
        with limited(PATIENCE_SECONDS):
            return self._owed(iri)

    def _owed(self, iri: Iri) -> Sequence[Violation]:
        release, view = self._release(), Overlay(self._record.view())
        found = owed(release, view, iri)
        resource = view.resources([iri]).get(iri)
        for entity in resource.values(TWIN_OF) if resource is not None else ():
            if isinstance(entity, str):
                found.extend(owed(release, view, entity))
        return explain(release, view, found)

    def _validate(self, turtle: str, base: Iri | None) -> Sequence[Violation]:
        statements = skolemise(parse(turtle.encode(), Syntax.TURTLE, base=base).statements, "validated")
        before = Overlay(self._record.view())
        after = Overlay(before)
        net = after.net((), statements)
        after.apply(net, "")
        release = self._release()
        with limited(PATIENCE_SECONDS):
            verdict = judge(release, before, after, net)
            return explain(release, after, [*verdict.refusals, *verdict.warnings], before)
