"""Bringing what is stored to a new release: renamed terms or a SPARQL update, as one change that is looked at first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from registry.domain.change import Change
from registry.errors import BadInput, TooLarge
from registry.rdf.oxigraph import quad, statement_of
from registry.rdf.skolem import skolemise
from registry.rdf.sparql_text import check_update
from registry.rdf.terms import Iri, Literal, Statement
from registry.services.releases.update_literals import as_written
from registry.sparql.literal_spelling import Spelling
from registry.stores.port import Record

PAGE = 400
MOST_STATEMENTS = 1_000_000
"""So many statements one migration may remove and add: they are one change, which is held in memory."""


@dataclass(frozen=True, slots=True)
class Migration:
    """``renames`` map a term to the one that takes its place, ``update`` is a SPARQL 1.1 update; renames come first."""

    renames: Mapping[Iri, Iri] = field(default_factory=dict)
    update: str = ""

    def __bool__(self) -> bool:
        return bool(self.renames or self.update)


NO_MIGRATION = Migration()


def migrate(record: Record, migration: Migration, prefixes: Mapping[str, Iri]) -> Change:
    """What a migration would change.

    Raises BadInput for an update that is none or that reaches beyond the registry, TooLarge where one write cannot
    hold the change.
    """
    if not migration:
        return Change()
    update = check_update(migration.update, prefixes) if migration.update else ""
    pairs = ((statement, _renamed(statement, migration.renames)) for statement in _all(record))
    if not update:
        return _difference([pair for pair in pairs if pair[0] != pair[1]])
    return _updated(pairs, update)


def _all(record: Record) -> Iterator[Statement]:
    view, after = record.view(), ""
    while iris := record.iris(after, PAGE):
        for resource in view.resources(iris).values():
            yield from resource.triples()
        after = iris[-1]


def _renamed(statement: Statement, renames: Mapping[Iri, Iri]) -> Statement:
    subject, predicate, target = statement
    return subject, renames.get(predicate, predicate), renames.get(target, target) if type(target) is str else target


def _updated(pairs: Iterable[tuple[Statement, Statement]], update: str) -> Change:
    """Run the update on a copy of everything, and tell the difference."""
    engine, spelling = ox.Store(), Spelling()
    # The copy spells literals its own way, so each statement is known by the spelling that it has there.
    known: dict[ox.Quad, tuple[Statement, Statement]] = {}
    for pair in pairs:
        copy = _spelt(pair[1], spelling)
        engine.add(copy)
        known[copy] = pair
    try:
        engine.update(update)
    except (SyntaxError, ValueError, OSError) as error:
        raise BadInput(f"the update cannot be run: {error}", argument="update") from error
    standing = [found for found in engine if found in known]
    written = as_written(update, spelling)
    new = [_rewritten(statement_of(found), written) for found in engine if found not in known]
    changed = [pair for pair in map(known.pop, standing) if pair[0] != pair[1]]
    label = "m" + hashlib.sha256(update.encode()).hexdigest()[:16]
    return _difference(changed, [before for before, _ in known.values()], list(skolemise(new, label)))


def _rewritten(statement: Statement, written: Mapping[Literal, Literal]) -> Statement:
    """A new statement with its literal as the update writes it."""
    subject, predicate, target = statement
    return subject, predicate, written.get(target, target) if isinstance(target, Literal) else target


def _spelt(statement: Statement, spelling: Spelling) -> ox.Quad:
    found, target = quad(statement), statement[2]
    return ox.Quad(found.subject, found.predicate, spelling.canonical(target)) if isinstance(target, Literal) else found


def _difference(
    changed: Sequence[tuple[Statement, Statement]], removed: Sequence[Statement] = (), added: Sequence[Statement] = ()
) -> Change:
    gone, new = [*(before for before, _ in changed), *removed], [*(after for _, after in changed), *added]
    if len(gone) + len(new) > MOST_STATEMENTS:
        raise TooLarge(
            f"the migration changes {len(gone) + len(new):,} statements, and one change holds {MOST_STATEMENTS:,}: "
            "take it in several releases",
            limit=MOST_STATEMENTS,
        )
    return Change(removed=tuple(gone), added=tuple(new))
