"""Where a change lands, by hand: the places at which incremental validators are known to look away."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from registry.access.principal import Principal
from registry.app.core import open_registry
from registry.domain.change import Change
from registry.domain.registration import machine_for, twin_statements
from registry.errors import ShapesViolated, TooLarge
from registry.rdf.terms import Iri, Statement, Term, text
from registry.rdf.vocabulary import BASE, RDF_TYPE, RDFS_LABEL
from registry.settings import Settings
from registry.stores.writer import Submission
from tests.shacl.evolution import everything, gained
from tests.shacl.whole import E, Net, WholeMemoryGraph, graph, shapes, statements

ON_VALUES = {
    "datatype": ("sh:datatype xsd:integer", "'a'"),
    "node kind": ("sh:nodeKind sh:IRI", "1"),
    "class": ("sh:class :C", ":a"),
    "least": ("sh:minInclusive 5", "1"),
    "most": ("sh:maxExclusive 1", "1"),
    "shortest": ("sh:minLength 2", "'a'"),
    "longest": ("sh:maxLength 1", "'ab'"),
    "pattern": ("sh:pattern '^x'", "'a'"),
    "language": ("sh:languageIn ( 'de' )", "'a'@en"),
    "members": ("sh:in ( 1 2 )", "3"),
    "not": ("sh:not [ sh:nodeKind sh:Literal ]", "1"),
    "or": ("sh:or ( [ sh:nodeKind sh:IRI ] [ sh:datatype xsd:string ] )", "1"),
    "and": ("sh:and ( [ sh:nodeKind sh:IRI ] [ sh:class :C ] )", ":a"),
    "one of": ("sh:xone ( [ sh:nodeKind sh:Literal ] [ sh:datatype xsd:integer ] )", "1"),
    "node shape": ("sh:node [ sh:property [ sh:path :r ; sh:minCount 1 ] ]", ":a"),
    "property shape": ("sh:property [ sh:path :r ; sh:minCount 1 ]", ":a"),
    "closed": ("sh:node [ sh:closed true ; sh:ignoredProperties ( :ok ) ]", ":bad"),
    "count": ("sh:maxCount 0", "1"),
    "disjoint": ("sh:disjoint :other", ":o"),
    "equal": ("sh:equals :same", ":a"),
    "less": ("sh:lessThan :limit", "9"),
}
"""What every value of ( :p :q ) must be, and a value that is not; the focus node is :n."""

AROUND = ":n a :T ; :other :o ; :limit 5 . :bad :r 1 ."


@pytest.mark.parametrize("edge", ["first", "second", "both"])
@pytest.mark.parametrize("what", ON_VALUES)
def test_either_edge_of_a_sequence_brings_a_value_that_is_looked_at(what: str, edge: str) -> None:
    constraint, value = ON_VALUES[what]
    edges = {"first": ":n :p :m .", "second": f":m :q {value} ."}
    here = {"first": edges["second"], "second": edges["first"], "both": ""}[edge]
    there = edges.get(edge, edges["first"] + edges["second"])
    shape = f":S sh:targetClass :T ; sh:property [ sh:path ( :p :q ) ; {constraint} ] ."
    assert new(shape, AROUND + here, added=there) == 1


CHANGES: dict[str, tuple[str, str, str, str, int]] = {
    "the type of a focus node comes": ("sh:property [ sh:path :p ; sh:minCount 1 ]", ":x :q 1 .", "", ":x a :T .", 1),
    "the type of a value goes": (
        "sh:property [ sh:path :p ; sh:class :C ]",
        ":n :p :a . :a a :C .", ":a a :C .", "", 1,
    ),
    "the type of a value becomes a lower one": (
        "sh:property [ sh:path :p ; sh:class :C ]", ":n :p :a . :a a :C . :D rdfs:subClassOf :C .", ":a a :C .",
        ":a a :D .", 0,
    ),
    "the type of a value two edges away goes": (
        "sh:property [ sh:path ( :p :q ) ; sh:class :C ]", ":n :p :m . :m :q :a . :a a :C .", ":a a :C .", "", 1,
    ),
    "an edge inside a repeat comes": (
        "sh:property [ sh:path [ sh:zeroOrMorePath :p ] ; sh:nodeKind sh:IRI ]", ":n :p :a . :b :p 1 .", "",
        ":a :p :b .", 1,
    ),
    "an edge inside a repeat goes": (
        "sh:property [ sh:path [ sh:oneOrMorePath :p ] ; sh:hasValue :c ]", ":n :p :a . :a :p :b . :b :p :c .",
        ":a :p :b .", "", 1,
    ),
    "an optional edge comes": (
        "sh:property [ sh:path [ sh:zeroOrOnePath :p ] ; sh:maxCount 1 ]", "", "", ":n :p :a .", 1,
    ),
    "one of two alternatives goes": (
        "sh:property [ sh:path [ sh:alternativePath ( :p :q ) ] ; sh:minCount 1 ]", ":n :q 1 .", ":n :q 1 .", "", 1,
    ),
    "somebody else points here": (
        "sh:property [ sh:path [ sh:inversePath :p ] ; sh:maxCount 1 ]", ":a :p :n .", "", ":b :p :n .", 1,
    ),
    "somebody who points here changes": (
        "sh:property [ sh:path ( [ sh:inversePath :p ] :q ) ; sh:maxExclusive 5 ]", ":a :p :n .", "", ":a :q 5 .", 1,
    ),
    "a value stops counting": (
        "sh:property [ sh:path :p ; sh:qualifiedValueShape [ sh:class :C ] ; sh:qualifiedMinCount 1 ]",
        ":n :p :a , :b . :a a :C .", ":a a :C .", "", 1,
    ),
    "a value begins to count": (
        "sh:property [ sh:path :p ; sh:qualifiedValueShape [ sh:class :C ] ; sh:qualifiedMaxCount 1 ]",
        ":n :p :a , :b . :a a :C .", "", ":b a :C .", 1,
    ),
    "a sibling takes a value away": (
        "sh:property [ sh:path :p ; sh:qualifiedValueShape [ sh:class :C ] ; sh:qualifiedMinCount 1 ;"
        " sh:qualifiedValueShapesDisjoint true ] , [ sh:path :p ; sh:qualifiedValueShape [ sh:class :D ] ;"
        " sh:qualifiedMinCount 0 ]",
        ":n :p :a . :a a :C .", "", ":a a :D .", 1,
    ),
    "a sibling gives a value back": (
        "sh:property [ sh:path :p ; sh:qualifiedValueShape [ sh:class :C ] ; sh:qualifiedMaxCount 0 ;"
        " sh:qualifiedValueShapesDisjoint true ] , [ sh:path :p ; sh:qualifiedValueShape [ sh:class :D ] ;"
        " sh:qualifiedMinCount 0 ]",
        ":n :p :a . :a a :C , :D .", ":a a :D .", "", 1,
    ),
    "a unique value is taken by another": (
        "sh:property [ sh:path :p ; dash:uniqueValueForClass :T ]", ":n :p 1 .", "", ":m a :T ; :p 1 .", 2,
    ),
    "a holder of a unique value joins the class": (
        "sh:property [ sh:path :p ; dash:uniqueValueForClass :T ]", ":n :p 1 . :m :p 1 .", "", ":m a :T .", 2,
    ),
    "a unique value is given back and taken": (
        "sh:property [ sh:path :p ; dash:uniqueValueForClass :T ]", ":n :p 1 . :m a :T .", ":n :p 1 .", ":m :p 1 .", 0,
    ),
    "a closed node says something more": (
        "sh:closed true ; sh:ignoredProperties ( rdf:type ) ; sh:property [ sh:path :p ]",
        ":n :p 1 .", "", ":n :q 1 .", 1,
    ),
    "a closed node joins the class": (
        "sh:closed true ; sh:ignoredProperties ( rdf:type )",
        ":m :q 1 , 2 .", "", ":m a :T .", 2,
    ),
    "a value of a closed property shape says something more": (
        "sh:property [ sh:path :p ; sh:closed true ]", ":n :p :a .", "", ":a :q 1 .", 1,
    ),
    "the other side of an equality goes": (
        "sh:property [ sh:path :p ; sh:equals :q ]",
        ":n :p 1 ; :q 1 .", ":n :q 1 .", "", 1,
    ),
    "the other side of a disjointness comes": (
        "sh:property [ sh:path :p ; sh:disjoint :q ]",
        ":n :p 1 .", "", ":n :q 1 .", 1,
    ),
    "the limit comes": ("sh:property [ sh:path :p ; sh:lessThan :q ]", ":n :p 1 .", "", ":n :q 1 .", 1),
    "a stricter limit comes": (
        "sh:property [ sh:path :p ; sh:lessThanOrEquals :q ]", ":n :p 3 ; :q 3 .", ":n :q 3 .", ":n :q 2 .", 1,
    ),
    "the second text in a language comes": (
        "sh:property [ sh:path :p ; sh:uniqueLang true ]", ":n :p 'a'@en .", "", ":n :p 'b'@EN .", 1,
    ),
    "what a nested node shape needs goes": (
        "sh:property [ sh:path :p ; sh:node [ sh:property [ sh:path :q ; sh:node [ sh:property [ sh:path :r ;"
        " sh:minCount 1 ] ] ] ] ]",
        ":n :p :a . :a :q :b . :b :r 1 .", ":b :r 1 .", "", 1,
    ),
    "what a nested property shape needs goes": (
        "sh:property [ sh:path :p ; sh:property [ sh:path :q ; sh:property [ sh:path :r ; sh:minCount 1 ] ] ]",
        ":n :p :a . :a :q :b . :b :r 1 .", ":b :r 1 .", "", 1,
    ),
    "what a negated shape forbids comes true far away": (
        "sh:not [ sh:property [ sh:path ( :p :q ) ; sh:hasValue 1 ] ]", ":n :p :a .", "", ":a :q 1 .", 1,
    ),
    "what a negated shape forbids holds": (
        "sh:not [ sh:property [ sh:path ( :p :q ) ; sh:maxCount 0 ] ]", ":n :p :a . :a :q 1 .", ":a :q 1 .", "", 1,
    ),
    "the second of one of two shapes holds too": (
        "sh:xone ( [ sh:property [ sh:path :p ; sh:minCount 1 ] ] [ sh:property [ sh:path :q ; sh:minCount 1 ] ] )",
        ":n :p 1 .", "", ":n :q 1 .", 1,
    ),
    "a resource that was pointed at begins to exist": (
        "sh:property [ sh:path ( :p :q ) ; sh:maxCount 0 ]", ":n :p :ghost .", "", ":ghost :q 1 .", 1,
    ),
    "a class that members have begins to say something": (
        "sh:property [ sh:path ( rdf:type :q ) ; sh:maxCount 0 ]", "", "", ":T :q 1 .", 1,
    ),
}  # fmt: skip
"""A shape for :T and what else stands, what goes, what comes, and how many results that brings; :n is a :T."""


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_seen_wherever_it_lands(what: str) -> None:
    shape, stands, removed, added, results = CHANGES[what]
    assert new(f":S sh:targetClass :T ; {shape} .", ":n a :T . " + stands, removed, added) == results


TARGETS = {
    "a class": ":x a :T .",
    "a subject": ":x :s 1 .",
    "an object": ":y :o :x .",
    "a node": ":x :r 1 .",
}


@pytest.mark.parametrize("what", TARGETS)
def test_of_several_kinds_of_targets_none_is_dropped(what: str) -> None:
    shape = ":S sh:targetClass :T ; sh:targetSubjectsOf :s ; sh:targetObjectsOf :o ; sh:targetNode :x ; "
    shape = shape if what == "a node" else shape.replace("sh:targetNode :x ; ", "")
    stands = ":x :p 1 ." if what == "a node" else ""
    removed = ":x :p 1 ." if what == "a node" else ""
    added = "" if what == "a node" else TARGETS[what]
    assert new(shape + "sh:property [ sh:path :p ; sh:minCount 1 ] .", stands, removed, added) == 1


class Hub(WholeMemoryGraph):
    """A graph in which so many nodes point at another that nobody may list them."""

    def sources(self, target: Term, predicate: Iri, limit: int | None = None) -> Sequence[Iri]:
        if limit is None and predicate == E + "o":
            raise TooLarge("too many")
        return super().sources(target, predicate, limit)


def test_a_hub_is_a_target_as_an_object_without_all_who_point_at_it() -> None:
    compiled = shapes(":S sh:targetObjectsOf :o ; sh:property [ sh:path :p ; sh:maxCount 1 ] .")
    before, net = Hub(statements(":a :o :n . :b :o :n . :n :p 1 .")), Net([], statements(":n :p 2 ."))
    after = Hub([*before, *net.added])
    assert len(compiled.new_results(before, after, net)) == 1


def test_a_class_put_below_another_makes_targets_of_its_members_in_the_next_release() -> None:
    compiled = shapes(":S sh:targetClass :T ; sh:property [ sh:path :p ; sh:minCount 1 ] .")
    assert not list(compiled.validate(graph(":n a :U .")))
    assert len(list(compiled.validate(graph(":n a :U . :U rdfs:subClassOf :T .")))) == 1


def test_of_two_writes_at_once_that_break_a_shape_only_together_one_is_refused(tmp_path: Path) -> None:
    registry = open_registry(Settings(data=tmp_path))
    assert registry.writer is not None
    machine = machine_for(registry.ontologies.active(), None)
    for number in range(20):
        hall = f"urn:t:{number}"
        hall_says = ((hall, RDF_TYPE, BASE + "plant#Hall"), (hall, RDFS_LABEL, text("Hall")))
        registry.writer.submit(adding(hall_says, registry.principal)).result()
        twins = [tuple(twin_statements(machine, f"{hall}-{one}", hall)) for one in ("a", "b")]
        answers = [registry.writer.submit(adding(twin, registry.principal)) for twin in twins]
        failures = [answer.exception() for answer in answers]
        assert [isinstance(failure, ShapesViolated) for failure in failures].count(True) == 1
        assert failures.count(None) == 1
    registry.close()


def adding(added: tuple[Statement, ...], actor: Principal) -> Submission:
    return Submission(lambda view: Change(added=added), actor, "test")


def new(shape: str, stands: str, removed: str = "", added: str = "") -> int:
    """How many results a change brings, told alike by a check of the change and by two of the whole."""
    compiled, before = shapes(shape), graph(stands)
    net = Net(statements(removed), statements(added))
    after = WholeMemoryGraph([*(found for found in before if found not in net.removed), *net.added])
    found = list(compiled.new_results(before, after, net))
    assert sorted(map(repr, found)) == sorted(
        map(repr, gained(everything(compiled, before), everything(compiled, after)).elements())
    )
    return len(found)
