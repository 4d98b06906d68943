"""What a shape may cost: what goes over is refused with the shape named, in time, and what is cheap is not touched."""

from __future__ import annotations

import time
from collections.abc import Sequence
from random import Random

import pytest

from registry.errors import ShapesTooCostly
from registry.rdf.graph import MemoryGraph
from registry.rdf.syntax import Syntax, parse
from registry.rdf.terms import Iri, Term
from registry.shacl.bounded_process import BoundedProcesses, processes
from registry.shacl.budget import Budget, limited, spend
from registry.shacl.constraints.patterns import MOST_HERE, read
from registry.shacl.reports.graph import Violation
from registry.shacl.shapes import compile_shapes

PREFIXES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <urn:x:> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:o sh:declare [ sh:prefix "" ; sh:namespace "urn:x:"^^xsd:anyURI ] .
"""
SECONDS = 0.3
IN_TIME_SECONDS = 20.0
"""Far more than a refusal takes, and far less than what is refused: the machine may be busy."""


class Memory:
    """Statements of a text as a check reads them."""

    def __init__(self, turtle: str) -> None:
        self._graph = MemoryGraph(parse((PREFIXES + turtle).encode(), Syntax.TURTLE).statements)
        self.outgoing = self._graph.outgoing

    def sources(self, target: Term, predicate: Iri, limit: int | None = None) -> Sequence[Iri]:
        return tuple(self._graph.sources(target, predicate))

    def is_pointed_at(self, node: Iri) -> bool:
        return False

    def superclasses(self, class_iri: Iri) -> frozenset[Iri]:
        return frozenset({class_iri})


def found(shape: str, data: str, seconds: float = SECONDS) -> list[Violation]:
    compiled = compile_shapes(MemoryGraph(parse((PREFIXES + shape).encode(), Syntax.TURTLE).statements))
    with limited(seconds):
        return compiled.check_focus(Memory(data), "urn:x:n")


def select(query: str) -> str:
    return f':S a sh:NodeShape ; sh:targetClass :T ; sh:sparql [ sh:prefixes :o ; sh:select """{query}""" ] .'


def values(predicate: str, count: int, prefix: str = "v") -> str:
    return f":n a :T ; :{predicate} " + ", ".join(f'"{prefix}{number}"' for number in range(count)) + " .\n"


def nested(deep: int) -> str:
    """Shapes that each ask the next one twice: two to the power of the depth questions, one shape a level."""
    levels = "".join(f":S{n} a sh:NodeShape ; sh:and ( :S{n + 1} [ sh:node :S{n + 1} ] ) .\n" for n in range(deep))
    return (
        f":S a sh:NodeShape ; sh:targetClass :T ; sh:node :S0 .\n{levels}:S{deep} a sh:NodeShape ; sh:nodeKind sh:IRI ."
    )


def mixed(length: int) -> str:
    """Two letters without a period, so that no engine finds the same state again."""
    return "".join(Random(7).choices("ab", k=length))


SIX = " ".join(f"$this :p ?v{number} ." for number in range(6))
DOUBLED = "BIND(?v AS ?x0) " + " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
MESH = "".join(f":a{one} :q {', '.join(f':a{other}' for other in range(40))} .\n" for one in range(40))
HOSTILE = {
    "a join of six properties": (
        select(f"SELECT $this WHERE {{ {SIX} FILTER(STRLEN(?v0) + STRLEN(?v1) + STRLEN(?v2) + STRLEN(?v3)"
               " + STRLEN(?v4) + STRLEN(?v5) > 1000) }"),
        values("p", 40),
    ),
    "very many results": (select("SELECT $this ?value ?b WHERE { $this :p ?value . $this :p ?b }"), values("p", 600)),
    "a text that doubles": (select(f"SELECT $this WHERE {{ $this :p ?v . {DOUBLED} FILTER(STRLEN(?x40) = 3) }}"),
                            values("p", 1)),
    "an EXISTS in an EXISTS": (
        select("SELECT $this WHERE { $this :p ?a . FILTER EXISTS { $this :p ?b . $this :p ?c . FILTER NOT EXISTS "
               "{ $this :p ?d . $this :p ?e . FILTER(CONCAT(?a, ?b, ?c, ?d, ?e) != '') } } }"),
        values("p", 150),
    ),
    "paths without an end": (
        select("SELECT $this WHERE { $this (:q/:q)* ?a . ?a (:q/:q)* ?b . ?b (:q/:q)* ?c . ?c (:q/:q)* ?d ."
               " FILTER(STRLEN(CONCAT(STR(?a), STR(?b), STR(?c), STR(?d))) = 3) }"),
        ":n a :T ; :q :a0 .\n" + MESH,
    ),
    "shapes that ask twice": (nested(24), ":n a :T ."),
    "every value against every other": (
        ":S a sh:NodeShape ; sh:targetClass :T ; sh:property [ sh:path :p ; sh:lessThan :r ] .",
        values("p", 4_000, "a") + values("r", 4_000, "b"),
    ),
    "a large value and a large pattern": (
        ':S a sh:NodeShape ; sh:targetClass :T ; sh:property [ sh:path :p ; sh:pattern "[ab]*a[ab]{4000}c" ] .',
        f':n a :T ; :p "{mixed(600_000)}" .',
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_costs_too_much_is_refused_in_time_and_by_name(kind: str) -> None:
    shape, data = HOSTILE[kind]
    begun = time.monotonic()
    with pytest.raises(ShapesTooCostly) as caught:
        found(shape, data)
    assert time.monotonic() - begun < IN_TIME_SECONDS
    assert caught.value.shape == "urn:x:S"
    assert caught.value.extensions() == {"code": "SHAPES_TOO_COSTLY", "seconds": SECONDS, "shape": "urn:x:S"}
    assert "urn:x:S" in str(caught.value)


def test_a_query_that_costs_too_much_over_nothing_is_refused_at_load() -> None:
    # An endless chain of doubled texts needs no data; where data is needed, nothing shows at load.
    with pytest.raises(Exception, match="costs too much"), limited(SECONDS):
        compile_shapes(
            MemoryGraph(
                parse(
                    (
                        PREFIXES + select(f"SELECT $this WHERE {{ {DOUBLED.replace('?v', 'STR($this)')} "
                                          "FILTER(STRLEN(?x40) = 3) }")
                    ).encode(),
                    Syntax.TURTLE,
                ).statements
            )
        )  # fmt: skip


def test_the_process_gives_the_results_that_the_thread_gives() -> None:
    query = select('SELECT $this ?value WHERE { $this :p ?value . $this :p ?b . FILTER(?value = ?b && ?b = "v3") }')
    few, many = found(query, values("p", 20), 60), found(query, values("p", 900), 60)
    assert [v.key()[:5] for v in few] == [v.key()[:5] for v in many]
    assert [v.value for v in many] == [v.value for v in few] != []


def test_a_large_text_is_searched_elsewhere_with_the_same_answer() -> None:
    pattern = read("^(x|é)*y$", "m")
    for text, matches in (("xé" * 900_000 + "y", True), ("xé" * 900_000, False), ("x\n" * 900_000 + "y", True)):
        assert pattern.cost(text) > MOST_HERE
        assert pattern.is_in(text) is matches


def test_a_process_that_dies_is_too_costly_and_the_next_one_answers() -> None:
    own = BoundedProcesses()
    try:
        assert own.run("search", "a", b"ba") is True
        own._idle[0]._process.kill()
        own._idle[0]._process.wait()
        assert own.run("search", "a", b"bb") is False
        with limited(0.2), pytest.raises(ShapesTooCostly):
            own.run("search", "[ab]*a[ab]{900}c", mixed(3_000_000).encode())
        assert own.run("search", "a", b"ba") is True
    finally:
        own.close()


def test_an_inner_budget_does_not_widen_the_outer_one() -> None:
    with limited(0.01) as outer, limited(60) as inner:
        assert inner is outer
    spend(10**12)  # Nobody set a budget, so nothing is counted.


def test_steps_that_are_few_do_not_look_at_the_clock() -> None:
    budget = Budget(-1.0)
    budget.spend(1)
    with pytest.raises(ShapesTooCostly):
        budget.spend(1_000_000)


def test_idle_processes_end_when_told() -> None:
    processes.run("search", "a", b"a")
    processes.close()
    assert processes._idle == []
