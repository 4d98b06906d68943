"""What follows from data and a model, worked out offline by owlrl: RDF Schema, or the rules of OWL 2 RL.

The graph is held in memory, and owlrl takes about a second for a thousand statements: this is for a building or a
plant at a time. Nothing of it is ever on the way of a write, and no shape is checked with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from registry.ontology.model import Model
from registry.ontology.modules import Module
from registry.rdf.rdflib_terms import Terms
from registry.rdf.terms import Iri, Literal, Statement, Term, is_blank
from registry.rdf.vocabulary import OWL, RDF_TYPE, RDFS, SH, SKOLEM

_STEP = 1_000
_SAME_AS = OWL + "sameAs"
_OF_EVERYTHING = {OWL + "Thing", RDFS + "Resource"}

Progress = Callable[[str, int, int], None]


class Regime(Enum):
    """Which rules are followed until nothing new comes."""

    RDFS = "rdfs"
    """RDF Schema: classes and properties above, domains and ranges (RDF 1.1 Semantics, section 9.2.1)."""
    OWL_RL = "owlrl"
    """Those and inverses, chains, transitivity, restrictions and the like (OWL 2 Profiles, section 4.3)."""


@dataclass(frozen=True, slots=True)
class Entailments:
    """What follows and is not stated, in code point order, and the contradictions that were met on the way.

    ``unnamed`` counts what follows about blank nodes, which has no meaning apart from what is stated of them; it is
    there only where it was asked for.
    """

    statements: Sequence[Statement]
    contradictions: Sequence[str]
    unnamed: int


class Unnamed(Enum):
    """What becomes of entailments about blank nodes."""

    KEEP = "keep"
    LEAVE_OUT = "leave-out"


def entailed(
    stated: Iterable[Statement], modules: Sequence[Module], regime: Regime, unnamed: Unnamed, progress: Progress
) -> Entailments:
    """What follows about the resources of data.

    Left out is what follows about the model alone, what holds of everything (that it is an owl:Thing, and the same as
    itself), and what RDF cannot say: a literal for a subject, a class of the model that has no name.
    """
    import rdflib

    terms, graph = Terms(), rdflib.Graph()
    given, resources = set[Statement](), set[Term]()
    for statement in stated:
        given.add(statement)
        resources.add(statement[0])
    for statement in (*given, *_of_model(modules)):
        graph.add(tuple(map(terms.foreign, statement)))
    before = set(graph)
    contradictions = _close(graph, regime, progress)
    found = {
        (terms.own(subject), terms.own(predicate), terms.own(target))
        for subject, predicate, target in graph
        if (subject, predicate, target) not in before and not isinstance(subject, rdflib.Literal)
    }
    telling = [statement for statement in found if _tells(statement, resources)]
    named = [statement for statement in telling if not any(map(_is_unnamed, statement))]
    kept = telling if unnamed is Unnamed.KEEP else named
    return Entailments(sorted(kept, key=_order), contradictions, len(telling) - len(named))


def _of_model(modules: Sequence[Module]) -> Iterator[Statement]:
    """What rules can work on: no shapes, which foreign ontologies hold too, and no words for people."""
    individuals = Model(modules).individuals
    for module in modules:
        if module.kind.has_terms:
            for subject, predicate, target in module.statements:
                is_text = isinstance(target, Literal) and not is_blank(subject) and subject not in individuals
                if not is_text and not predicate.startswith(SH):
                    yield subject, predicate, target


def _close(graph: Any, regime: Regime, progress: Progress) -> list[str]:
    """Add to a graph what follows from it; returns the contradictions."""
    import owlrl

    semantics = owlrl.RDFS_Semantics if regime is Regime.RDFS else owlrl.OWLRL_Semantics
    contradictions: list[str] = []

    class Watched(semantics):  # type: ignore[misc, valid-type]
        """The rules, with a word on how far they are."""

        looked_at = 0

        def rules(self, triple: Any, cycle_num: int) -> None:
            self.looked_at += 1
            if self.looked_at % _STEP == 0:
                progress("entail", self.looked_at, 0)
            super().rules(triple, cycle_num)

        def post_process(self) -> None:
            super().post_process()
            # Otherwise they would become statements.
            contradictions.extend(" ".join(str(words).split()) for words in self.error_messages)
            self.error_messages.clear()

    owlrl.DeductiveClosure(Watched).expand(graph)
    return contradictions


def _tells(statement: Statement, resources: set[Term]) -> bool:
    subject, predicate, target = statement
    if subject not in resources:
        return target in resources and predicate != _SAME_AS
    if predicate == _SAME_AS:
        return subject != target
    if predicate == RDF_TYPE:
        return target not in _OF_EVERYTHING and not (is_blank(target) and target not in resources)
    return True


def _is_unnamed(term: Term) -> bool:
    return isinstance(term, str) and (is_blank(term) or term.startswith(SKOLEM))


def _order(statement: Statement) -> tuple[Iri, Iri, str]:
    subject, predicate, target = statement
    return subject, predicate, target.lexical if isinstance(target, Literal) else target
