"""Suggestions: applying one makes the write pass, for each kind, and for whatever else can be drawn."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.judgement import owed
from registry.domain.overlay import Net, Overlay
from registry.domain.releases.release import Release
from registry.domain.reports.explanation import MOST_EXPLAINED, explain
from registry.domain.reports.labels import Naming
from registry.rdf.terms import Iri, Literal, Statement, Term, text
from registry.rdf.vocabulary import RDF_TYPE, XSD, XSD_DECIMAL, XSD_INTEGER
from registry.shacl.reports.graph import Violation
from tests.domain.plants import M, explained, keys, mended, release, statements, verdict_of, view_of
from tests.domain.views import Nothing
from tests.shapes.fixtures import fixtures
from tests.shapes.fixtures import release as standard

FINE = ":m a :Machine ; :mode 'off' ; :voltage 400 "
HALLS = ":h a :Hall ; rdfs:label 'Hall 1' ; :mode 'open' . :l a :Machine ; :mode 'off' ; :voltage 400 ; :standsIn :h . "
KINDS = {
    # What is there, what is added, what is suggested, and what the fix removes and adds.
    "a value with a default": (
        "", ":m a :Machine ; :voltage 400 .", "Give mode the value “off”, the default.", "", ":m :mode 'off' ."),
    "a value that only one can be": (
        "", ":m a :Machine ; :mode 'off' .", "Give voltage the value “400”.", "", ":m :voltage 400 ."),
    "a value that must be there": ("", ":h a :Hall .", "Give mode the value “open”.", "", ":h :mode 'open' ."),
    "a number written as text": (
        "", f"{FINE}; :power '12.50' .", "Write “12.50” as xsd:decimal.", ":m :power '12.50' .", ":m :power 12.50 ."),
    "a whole number": (
        "", f"{FINE}; :power 12 .", "Write “12” as xsd:decimal.", ":m :power 12 .", ":m :power '12'^^xsd:decimal ."),
    "a date for a moment": (
        "", f"{FINE}; :since '2026-01-31'^^xsd:date .", "Write “2026-01-31T00:00:00” as xsd:dateTime.",
        ":m :since '2026-01-31'^^xsd:date .", ":m :since '2026-01-31T00:00:00'^^xsd:dateTime ."),
    "a word misspelt": (
        "", ":m a :Machine ; :voltage 400 ; :mode 'Manuel' .", "Use “manual” instead of “Manuel”.",
        ":m :mode 'Manuel' .", ":m :mode 'manual' ."),
    "the nearest number": ("", f"{FINE}; :phases 4 .", "Use “3” instead of “4”.", ":m :phases 4 .", ":m :phases 3 ."),
    "a language not said": (
        "", f"{FINE}; :note 'loud' .", "Say that “loud” is in en.", ":m :note 'loud' .", ":m :note 'loud'@en ."),
    "a second value for a single one": (
        f"{FINE}; :power 1.0 .", ":m :power 2.0 .", "Keep “2.0”: remove “1.0”.", ":m :power 1.0 .", ""),
    "three values where two may be": (
        "", f"{FINE}; :slots 1 , 2 , 3 .", "Keep “1”, “2”: remove “3”.", ":m :slots 3 .", ""),
    "a term by its name": (
        "", f"{FINE}; :hasGrade 'Best quality' .", "Use best quality instead of “Best quality”.",
        ":m :hasGrade 'Best quality' .", ":m :hasGrade :best ."),
    "an IRI written as text": (
        "", f"{FINE}; :hasGrade '{M}fair' .", f"Use fair instead of “{M}fair”.", f":m :hasGrade '{M}fair' .",
        ":m :hasGrade :fair ."),
    "what is beside the linked": (
        HALLS, f"{FINE}; :standsIn :l .", "Use Hall 1 instead of l.", ":m :standsIn :l .", ":m :standsIn :h ."),
    "a link to what has no class": (
        ":x rdfs:label 'X' ; :mode 'open' .", f"{FINE}; :standsIn :x .", "Say that X is of the class hall.", "",
        ":x a :Hall ."),
    "a property misspelt": (
        "", f"{FINE}; :powr 2.5 .", "Use power instead of powr.", ":m :powr 2.5 .", ":m :power 2.5 ."),
    "a property misspelt, its value of another type": (
        "", f"{FINE}; :powr 2 .", "Use power instead of powr.", ":m :powr 2 .", ":m :power '2'^^xsd:decimal ."),
    "a property misspelt that is there already": (
        f"{FINE}; :power 1.0 .", ":m :powr 2.5 .", "Remove powr.", ":m :powr 2.5 .", ""),
    "a class misspelt": ("", "<urn:x> a :Halll ; :mode 'open' .", "Use the class hall instead of Halll.",
                         "<urn:x> a :Halll .", "<urn:x> a :Hall ."),
    "a property that a closed shape does not have": (
        "", ":h a :Hall ; :mode 'open' ; :note 'x'@en .", "Remove note.", ":h :note 'x'@en .", ""),
}  # fmt: skip


@pytest.mark.parametrize(("there", "added", "says", "remove", "add"), KINDS.values(), ids=KINDS.keys())
def test_applying_the_suggestion_makes_the_write_pass(there: str, added: str, says: str, remove: str, add: str) -> None:
    before, net = view_of(statements(there)), Net(added=tuple(statements(added)))
    assert not keys(verdict_of(release(), Overlay(Nothing()), Net(added=tuple(statements(there))))[0])
    found = explained(release(), before, net)
    assert found
    for violation in found:
        assert violation.suggestion == says
        assert violation.fix is not None
        assert (list(violation.fix.remove), list(violation.fix.add)) == (statements(remove), statements(add))
        assert not keys(verdict_of(release(), before, mended(before, net, violation.fix))[0])


HINTS = {
    ":m a :Machine ; :mode 'off' ; :voltage 'high' .": "Give one of “400” for voltage.",
    f"{FINE}; :power 'fast' .": "Give an xsd:decimal of more than 0.0 and of at most 500.0 for power, such as 12.5.",
    f"{FINE}; :power '900' .": "Give an xsd:decimal of more than 0.0 and of at most 500.0 for power, such as 12.5.",
    ":r a :Rack .": "Give a value for slots.",
    f"{FINE}; :standsIn :m .": "Give a link to a resource of the class hall for stands in.",
    ":m a :Machine ; :voltage 400 ; :mode 'quickly' .": "Give one of “manual”, “automatic”, “off” for mode.",
}


@pytest.mark.parametrize(("added", "says"), HINTS.items())
def test_where_no_single_change_follows_the_words_say_what_is_asked_for(added: str, says: str) -> None:
    found = explained(release(), view_of([]), Net(added=tuple(statements(added))))
    assert {(violation.suggestion, violation.fix) for violation in found} == {(says, None)}


def holds(model: Release, before: Overlay, net: Net) -> Iterator[Violation]:
    """Every violation that has a fix, once the fix was made and looked at."""
    stood = keys(verdict_of(model, before, net)[0])
    for violation in explained(model, before, net):
        if violation.fix is not None:
            left = keys(verdict_of(model, before, mended(before, net, violation.fix))[0])
            assert left < stood, violation
            assert violation.key() not in left, violation
            assert violation.suggestion
            yield violation


def test_fixes_hold_for_every_shape_of_the_registry() -> None:
    fixed = [
        violation
        for fixture in fixtures()
        for violation in holds(standard(), view_of([]), Net(added=fixture.statements))
    ]
    assert len(fixed) >= 70
    assert len({violation.component for violation in fixed}) >= 4


NODES = [M + name for name in "abcd"]
SAID: dict[Iri, list[Term]] = {
    M + "power": [Literal("1.5", XSD_DECIMAL), text("1.5"), text("fast"), Literal("900", XSD_INTEGER)],
    M + "mode": [text("off"), text("manual"), text("Manuel"), text("x"), text("open")],
    M + "phases": [Literal(n, XSD_INTEGER) for n in "134"],
    M + "since": [Literal("2026-01-31", XSD + "date"), text("2026-01-31 10:00:00Z"), text("never")],
    M + "note": [text("loud"), text("loud", "en"), text("laut", "de")],
    M + "slots": [Literal(n, XSD_INTEGER) for n in "1234"],
    M + "voltage": [Literal("400", XSD_INTEGER), text("400"), Literal("230", XSD_INTEGER)],
    M + "standsIn": [*NODES, text("Hall 1"), M + "nowhere"],
    M + "hasGrade": [M + "best", text("fair"), M + "worst", NODES[0]],
    M + "powr": [Literal("2", XSD_INTEGER), text("fast")],
    M + "standIn": [*NODES],
    RDF_TYPE: [M + name for name in ("Machine", "Machine", "Hall", "Shed", "Mchine")],
}
STATEMENTS: list[Statement] = [(node, p, term) for node in NODES for p, terms in SAID.items() for term in terms]
CHANGES = st.lists(st.sampled_from(STATEMENTS), max_size=14, unique=True)


@settings(max_examples=400, deadline=None)
@given(CHANGES, CHANGES, st.data())
def test_a_fix_ends_its_violation_and_brings_no_other(
    there: list[Statement], added: list[Statement], data: st.DataObject
) -> None:
    before = view_of(there)
    removed = data.draw(st.lists(st.sampled_from(there), max_size=4, unique=True)) if there else []
    net = Overlay(before).net(removed, added)
    for violation in holds(release(), before, net):
        fix = violation.fix
        assert fix is not None
        after = Overlay(before)
        after.apply(mended(before, net, fix), "")
        for patch in fix.patches:
            resource = after.resources([patch.iri]).get(patch.iri)
            said = [] if resource is None else [
                (fix.names[p], term) for p in fix.names for term in resource.values(p)
            ]  # fmt: skip
            assert set(patch.set) <= set(said)
            # What is emptied and set at once has texts in languages only: setting these replaces no other text.
            both = [term for name, term in said if name in patch.unset]
            assert all(isinstance(term, Literal) and term.language for term in both)


def test_what_is_owed_is_explained_too() -> None:
    view = view_of(statements(f"{FINE}; :power '12.50' ."))
    found = explain(release(), view, owed(release(), view, M + "m"))
    assert {violation.suggestion for violation in found} == {"Write “12.50” as xsd:decimal."}
    assert all(violation.fix for violation in found)


def test_a_great_many_violations_are_not_all_explained() -> None:
    turtle = " ".join(f":m{number} a :Machine ; :voltage 400 ." for number in range(MOST_EXPLAINED + 5))
    found = explained(release(), view_of([]), Net(added=tuple(statements(turtle))))
    assert [violation.suggestion is not None for violation in found] == [True] * MOST_EXPLAINED + [False] * 5
    assert found[-1].as_json()["focusLabel"] == f"m{MOST_EXPLAINED + 4}"


def test_a_violation_can_travel_between_processes() -> None:
    (found,) = explained(release(), view_of([]), Net(added=tuple(statements(":m a :Machine ; :voltage 400 ."))))
    assert pickle.loads(pickle.dumps(found)).as_json() == found.as_json()


def test_labels_come_in_the_language_that_was_asked_for() -> None:
    turtle = f"{FINE}; rdfs:label 'Presse'@de , 'press'@en ; :power 'x' ."
    found = explained(release(), view_of([]), Net(added=tuple(statements(turtle))))[0]
    assert found.as_json(["de-AT", "en"]) | {"focusLabel": "Presse", "pathLabel": "Leistung"} == found.as_json(["de"])
    assert found.as_json(["de"])["message"] == "Eine Leistung in Kilowatt angeben."
    for languages in ((), ("fr",), ("en-GB",)):
        told = found.as_json(languages)
        assert (told["focusLabel"], told["pathLabel"]) == ("press", "power")
        assert told["message"] == "Give one power in kilowatts."


def test_a_path_backwards_is_called_by_the_inverse_property() -> None:
    labels = Naming(release(), Nothing()).path_labels(f"^<{M}standsIn>/<{M}note>")
    assert set(labels) == {text("holds / note", "en"), text("enthält / note", "de")}


def test_a_blank_node_is_called_by_what_it_is_and_whose() -> None:
    turtle = f"{FINE}; rdfs:label 'press' ; :standsIn [ a :Machine ; :mode 'off' ] ."
    found = explained(release(), view_of([]), Net(added=tuple(statements(turtle))))
    told = {(v.as_json()["focusLabel"], v.as_json()["valueLabel"]) for v in found}
    assert told == {("press", "machine of press"), ("machine of press", None)}
    assert not any(violation.shape.startswith("_:") for violation in found)
