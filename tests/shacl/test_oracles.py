"""Random shapes, graphs and changes beside independent engines, and what the specification says where one is wrong."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.shacl.oracles import ORACLES, Oracle
from tests.shacl.trials import agree
from tests.shacl.whole import graph, shapes

TRIALS = {"pyshacl": 300, "shacl": 700, "shifty": 600}
STEPS = 4


@pytest.mark.parametrize(
    ("oracle", "number"),
    [(oracle, number) for oracle in ORACLES for number in range(len(oracle.scopes))],
    ids=lambda found: found.name if isinstance(found, Oracle) else str(found),
)
def test_a_check_of_a_change_and_of_the_whole_find_what_another_engine_finds(oracle: Oracle, number: int) -> None:
    verdicts: Counter[str] = Counter()
    for seed in range(TRIALS[oracle.name]):
        verdicts += agree(seed, STEPS, oracle, oracle.scopes[number])
    assert min(verdicts["violates"], verdicts["conforms"]) > 300, "both verdicts must be met to prove anything"


FAULTS = {
    "a string spelled out is the plain one": ('sh:in ( "x" )', ':n :p "x"^^xsd:string .', 0),
    "two nodes have no order, so none is less (4.5.3)": ("sh:lessThan :q", ":n :p :a ; :q :b .", 1),
    "a text and a number have no order (4.5.3)": ("sh:lessThan :q", ':n :p "a" ; :q 1 .', 1),
    "a date and a number have no order (4.3)": ("sh:maxInclusive 0", ':n :p "2020-05-05"^^xsd:date .', 1),
    "no number is ill-typed (4.3)": ("sh:minInclusive 0", ':n :p "abc"^^xsd:integer .', 1),
    "a byte of 300 is no number (4.3; XSD 1.1 part 2, 3.4.19)": ("sh:minInclusive 0", ':n :p "300"^^xsd:byte .', 1),
    "texts in languages have no order (4.5.4; SPARQL 17.3)": (
        "sh:lessThanOrEquals :q",
        ':n :p "a"@en ; :q "a"@en .',
        1,
    ),
    "false is less than true (4.3; SPARQL 17.3)": ("sh:maxExclusive true", ":n :p false .", 0),
    "true is at most true (4.5.4; SPARQL 17.3)": ("sh:lessThanOrEquals :q", ":n :p true ; :q true .", 0),
    "no text is that of a blank node, not even an empty one (4.4.1)": ("sh:minLength 0", ":n :p [] .", 1),
    "the term true alone switches it on (4.4.5)": ('sh:uniqueLang "1"^^xsd:boolean', ':n :p "a"@en , "b"@en .', 0),
    "a closed property shape is about its value nodes (4.8.1)": (
        "sh:closed true",
        ":n :p :a ; :q 1 . :a :r 1 , 2 .",
        2,
    ),
    "and not about the focus node (4.8.1)": ("sh:closed true", ":n :p :a , 1 ; :q 1 .", 0),
}
"""What an engine gets wrong or did at the time of writing: a constraint on :p, data, and how many results there are."""

ON_INVERSES = {
    "of a sequence": ("[ sh:inversePath ( :p :q ) ]", ":a :p :b . :b :q :n ."),
    "of an alternative": ("[ sh:inversePath [ sh:alternativePath ( :p :q ) ] ]", ":a :q :n ."),
    "of a repeat": ("[ sh:inversePath [ sh:oneOrMorePath :p ] ]", ":b :p :a . :a :p :n ."),
    "of an inverse": ("[ sh:inversePath [ sh:inversePath :p ] ]", ":n :p :a ."),
}


@pytest.mark.parametrize("why", FAULTS)
def test_the_specification_settles_what_an_engine_gets_wrong(why: str) -> None:
    constraint, data, results = FAULTS[why]
    found = list(shapes(f":S sh:targetNode :n ; sh:property [ sh:path :p ; {constraint} ] .").validate(graph(data)))
    assert len(found) == results, why


@pytest.mark.parametrize("what", ON_INVERSES)
def test_an_inverse_path_is_any_path_turned_round(what: str) -> None:
    path, data = ON_INVERSES[what]
    compiled = shapes(f":S sh:targetNode :n ; sh:property [ sh:path {path} ; sh:hasValue :a ; sh:in ( :a :b ) ] .")
    assert not list(compiled.validate(graph(data)))
    assert list(compiled.validate(graph("")))
