"""Queries see on the way of a write what they would see in the whole graph, and what people wrote comes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import pytest

from registry.errors import BadInput, TooLarge
from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Literal, Statement, boolean, text
from registry.rdf.vocabulary import AUDIT_ONLY, SH, XSD_INTEGER
from registry.shacl.reports.graph import Violation
from registry.shacl.shapes import compile_shapes
from registry.shacl.sparql.data import MOST_STATEMENTS
from tests.shacl.cases import HIERARCHY, PATHS, Case, Scope
from tests.shacl.oracles import PYSHACL
from tests.shacl.reports import Result, told
from tests.shacl.whole import E, Net, WholeMemoryGraph, graph, shapes, statements

AUDITED = "PREFIX core: <https://w3id.org/semantic-twins/core#>\n"


def select(query: str, more: str = "") -> str:
    return f':S sh:targetClass :C ; sh:sparql [ sh:prefixes : ; sh:select """{query}""" {more} ] . {DECLARED}'


DECLARED = f': sh:declare [ sh:prefix "" ; sh:namespace "{E}"^^xsd:anyURI ] .'


def found(shape: str, data: str) -> list[Violation]:
    return list(shapes(shape).validate(graph(data)))


def audited(case: Case) -> list[Statement]:
    nodes = [o for _, p, o in case.shapes if p in (SH + "sparql", SH + "validator")]
    return [*case.shapes, *((node, AUDIT_ONLY, boolean(True)) for node in nodes if isinstance(node, str))]


def each_size(seeds: Iterable[int], scope: Scope, check: Callable[[Case, WholeMemoryGraph], bool]) -> Counter[str]:
    """Check random cases of one component on every kind of path; returns how many graphs conform."""
    verdicts: Counter[str] = Counter()
    paths = [path for path in PATHS if scope.complex_inverses or path != "inverse of sequence"]
    for seed in seeds:
        case = Case(seed, scope).draw_component(("sparql", "ask")[seed % 2], paths[seed // 2 % len(paths)])
        for size in (6, 14, 24):
            data = WholeMemoryGraph([*HIERARCHY, *(case.statement() for _ in range(size))])
            verdicts["conforms" if check(case, data) else "violates"] += 1
    return verdicts


def is_seen_whole(case: Case, data: WholeMemoryGraph) -> bool:
    near = Counter(compile_shapes(MemoryGraph(case.shapes)).validate(data))
    assert near == Counter(compile_shapes(MemoryGraph(audited(case))).validate(data))
    return not near


@pytest.mark.parametrize("block", range(4))
def test_the_neighbourhood_that_a_query_names_answers_like_the_whole_graph(block: int) -> None:
    # Of several spellings of a number, an audit tells those of the whole graph, so each has one here.
    verdicts = each_size(range(block * 60, block * 60 + 60), Scope(tricky=False), is_seen_whole)
    assert min(verdicts.values()) > 20, "both verdicts must be met to prove anything"


(OF_PYSHACL,) = PYSHACL.scopes
ZERO = Literal("0", XSD_INTEGER)


def without_values(results: Counter[Result]) -> Counter[Result]:
    """pySHACL tells no value of an ASK that a property shape has, though SHACL 6.2.3 has it."""
    told: Counter[Result] = Counter()
    for result, count in results.items():
        told[(*result[:2], "" if result[1] and not result[3].startswith(SH) else result[2], *result[3:])] += count
    return told


def is_told_by_pyshacl(case: Case, data: WholeMemoryGraph) -> bool:
    # pySHACL takes the number 0 for no value at all.
    data = WholeMemoryGraph(statement for statement in data if statement[2] != ZERO)
    if any(statement[2] == ZERO for statement in case.shapes):
        return True
    own = told(compile_shapes(MemoryGraph(case.shapes)).validate(data))
    assert without_values(own) == without_values(PYSHACL.load(case.shapes)(data)), case.shapes
    return not own


@pytest.mark.parametrize("block", range(2))
def test_results_are_those_of_pyshacl(block: int) -> None:
    verdicts = each_size(range(1_000 + block * 60, 1_060 + block * 60), OF_PYSHACL, is_told_by_pyshacl)
    assert min(verdicts.values()) > 20, "both verdicts must be met to prove anything"


def test_values_come_back_as_they_were_written() -> None:
    told = found(select("SELECT $this ?value { $this :p ?value FILTER(?value < 5) }"), ':n a :C ; :p 01, 1, 2, "3" .')
    assert Counter(violation.value for violation in told) == Counter(
        Literal(lexical, XSD_INTEGER) for lexical in ("01", "1", "2")
    )


def test_of_a_property_shape_only_its_value_nodes_are_told() -> None:
    query = "SELECT $this ?value { $this $PATH ?value , ?same . $this <http://example.org/q> ?other }"
    shape = f':S sh:targetClass :C ; sh:property [ sh:path :p ; sh:sparql [ sh:select "{query}" ] ] .'
    told = found(shape, ":n a :C ; :p 1 ; :q 01 .")
    assert [violation.value for violation in told] == [Literal("1", XSD_INTEGER)]


def test_messages_are_filled_with_what_the_query_found() -> None:
    (violation,) = found(
        select(
            "SELECT $this ?value (:q AS ?path) { $this :p ?value }",
            '; sh:message "{?value} of {$this} is {?nothing}"@en , "{$value}!"@de',
        ),
        ":n a :C ; :p 7 .",
    )
    assert violation.message == "7 of n is {?nothing}"
    assert set(violation.wordings) == {text("7 of n is {?nothing}", "en"), text("7!", "de")}
    assert violation.path == f"<{E}q>"
    (violation,) = found(select('SELECT $this ("so" AS ?message) { }', '; sh:message "otherwise"'), ":n a :C .")
    assert (violation.message, violation.value) == ("so", E + "n")


def test_two_queries_of_a_shape_are_two_faults() -> None:
    both = shapes(
        f""":S sh:targetClass :C ; sh:sparql [ sh:prefixes : ; sh:select "SELECT $this {{ $this :p ?x }}" ] ,
        [ sh:prefixes : ; sh:select "SELECT $this {{ $this :q ?x }}" ] . {DECLARED}"""
    )
    before, after = graph(":n a :C ; :p 1 ."), graph(":n a :C ; :p 1 ; :q 1 .")
    added = [(E + "n", E + "q", Literal("1", XSD_INTEGER))]
    assert len(both.new_results(before, after, Net(added=added))) == 1


def test_a_query_sees_the_classes_above_as_a_graph_tells_them() -> None:
    class Told(WholeMemoryGraph):
        """A graph whose class hierarchy is not among its statements, like that of the record."""

        def superclasses(self, class_iri: str) -> frozenset[str]:
            return frozenset({class_iri, E + "C"} if class_iri == E + "D" else {class_iri})

    query = select("SELECT $this { FILTER NOT EXISTS { $this a/rdfs:subClassOf* :C } }").replace(
        "sh:targetClass :C", "sh:targetSubjectsOf :p"
    )
    declared = ': sh:declare [ sh:prefix "rdfs" ; sh:namespace "http://www.w3.org/2000/01/rdf-schema#"^^xsd:anyURI ] .'
    data = Told(statements(":d a :D ; :p 1 . :e a :E ; :p 1 ."))
    assert [violation.focus for violation in shapes(query + declared).validate(data)] == [E + "e"]


def test_a_path_of_no_steps_begins_at_a_node_of_which_nothing_is_said() -> None:
    shape = f':S sh:targetNode :n , 5 ; sh:sparql [ sh:select "SELECT $this {{ $this <{E}p>* ?x }}" ] .'
    assert len(found(shape, "")) == 2


def test_far_too_much_around_a_node_is_told_and_not_checked_less() -> None:
    query = select("SELECT $this { $this ^:p ?x FILTER NOT EXISTS { ?x a :C } }")
    hub = WholeMemoryGraph((f"{E}m{number}", E + "p", E + "n") for number in range(MOST_STATEMENTS + 1))
    with pytest.raises(TooLarge, match="more than 20,000 statements"):
        shapes(query).check_shape(hub, E + "n", E + "S")


UNIQUE = "SELECT $this ?value { $this :name ?value . ?other :name ?value FILTER(?other != $this) }"
GLOBAL = "SELECT $this { ?one :name ?name . ?other :name ?name FILTER(?other != ?one) }"


def test_a_query_may_lead_back_to_other_nodes() -> None:
    compiled = shapes(select(UNIQUE))
    before, after = graph(':m a :C ; :name "x" .'), graph(':m a :C ; :name "x" . :n :name "x" .')
    news = compiled.new_results(before, after, Net(added=[(E + "n", E + "name", text("x"))]))
    assert [violation.focus for violation in news] == [E + "m"], "the other one, which was not written to"


@pytest.mark.parametrize("where", ["constraint", "shape"])
def test_an_audit_rule_is_checked_in_audits_and_never_on_writes(where: str) -> None:
    declared = "core:auditOnly true"
    shape = AUDITED + (
        select(GLOBAL, "; " + declared) if where == "constraint" else select(GLOBAL) + f" :S {declared} ."
    )
    compiled = shapes(shape)
    before, after = graph(""), graph(':a a :C ; :name "x" . :b :name "x" .')
    assert not compiled.new_results(before, after, Net(added=list(after)))
    assert not compiled.check_focus(after, E + "a")
    assert [violation.focus for violation in compiled.validate(after)] == [E + "a"]
    with pytest.raises(BadInput, match="there is no shape"):
        compiled.check_shape(after, E + "a", E + "S")
