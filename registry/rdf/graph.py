"""A small graph in memory: models, shapes graphs, staged imports and tests, never the record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import TypeVar

from registry.rdf.terms import Iri, Statement, Term
from registry.rdf.vocabulary import RDF_FIRST, RDF_NIL, RDF_REST, RDF_TYPE

_NOTHING: Mapping[Iri, Sequence[Term]] = MappingProxyType({})


_First = TypeVar("_First")
_Last = TypeVar("_Last")


def _discard(index: dict[_First, dict[Iri, dict[_Last, None]]], first: _First, predicate: Iri, last: _Last) -> None:
    by_predicate = index[first]
    del by_predicate[predicate][last]
    if not by_predicate[predicate]:
        del by_predicate[predicate]
    if not by_predicate:
        del index[first]


class MemoryGraph:
    """Statements indexed by subject and by object; iteration order is the order of insertion."""

    def __init__(self, statements: Iterable[Statement] = ()) -> None:
        self._outgoing: dict[Iri, dict[Iri, dict[Term, None]]] = {}
        self._incoming: dict[Term, dict[Iri, dict[Iri, None]]] = {}
        for statement in statements:
            self.add(statement)

    def add(self, statement: Statement) -> None:
        """Add a statement; adding it twice changes nothing."""
        subject, predicate, target = statement
        self._outgoing.setdefault(subject, {}).setdefault(predicate, {})[target] = None
        self._incoming.setdefault(target, {}).setdefault(predicate, {})[subject] = None

    def remove(self, statement: Statement) -> None:
        """Remove a statement; removing what is not there changes nothing."""
        subject, predicate, target = statement
        if target not in self._outgoing.get(subject, {}).get(predicate, {}):
            return
        _discard(self._outgoing, subject, predicate, target)
        _discard(self._incoming, target, predicate, subject)

    def __iter__(self) -> Iterator[Statement]:
        for subject, by_predicate in self._outgoing.items():
            for predicate, targets in by_predicate.items():
                for target in targets:
                    yield subject, predicate, target

    def __contains__(self, statement: Statement) -> bool:
        subject, predicate, target = statement
        return target in self._outgoing.get(subject, {}).get(predicate, {})

    def __len__(self) -> int:
        return sum(len(targets) for found in self._outgoing.values() for targets in found.values())

    def outgoing(self, node: Iri) -> Mapping[Iri, Sequence[Term]]:
        """What a node says, by predicate."""
        found = self._outgoing.get(node)
        return _NOTHING if found is None else {predicate: tuple(targets) for predicate, targets in found.items()}

    def says_something(self, node: Iri) -> bool:
        """Whether anything is said of a node."""
        return node in self._outgoing

    def objects(self, subject: Iri, predicate: Iri) -> Sequence[Term]:
        """The values of one predicate of one subject."""
        return tuple(self._outgoing.get(subject, {}).get(predicate, ()))

    def sources(self, target: Term, predicate: Iri, limit: int | None = None) -> Sequence[Iri]:
        """Who points at a term with a predicate: all of them, or no more than a limit."""
        found = self._incoming.get(target, {}).get(predicate, ())
        return tuple(found if limit is None else islice(found, limit))

    def is_pointed_at(self, node: Iri) -> bool:
        """Whether anything points at a node."""
        return node in self._incoming

    def value(self, subject: Iri, predicate: Iri) -> Term | None:
        """The first value of a predicate, or None."""
        return next(iter(self._outgoing.get(subject, {}).get(predicate, ())), None)

    def subjects(self) -> Iterator[Iri]:
        """Every node that says something."""
        return iter(self._outgoing)

    def instances(self, class_iri: Iri) -> Sequence[Iri]:
        """The nodes whose asserted type is exactly this class."""
        return self.sources(class_iri, RDF_TYPE)

    def items(self, head: Term) -> Sequence[Term]:
        """The members of an RDF list. A broken or endless list raises ValueError."""
        members: list[Term] = []
        seen: set[Term] = set()
        while head != RDF_NIL:
            if head in seen or not isinstance(head, str):
                raise ValueError(f"{head} is not a well-formed list")
            seen.add(head)
            first, rest = self.objects(head, RDF_FIRST), self.objects(head, RDF_REST)
            if len(first) != 1 or len(rest) != 1:
                raise ValueError(f"{head} is not a well-formed list")
            members.append(first[0])
            head = rest[0]
        return members
