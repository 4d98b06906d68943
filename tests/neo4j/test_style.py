"""The style sheet: each class behind those above it, siblings apart, twins apart from all, text that reads."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.neo4j_browser.branches import parent
from registry.neo4j_browser.colour import Colour, contrast
from registry.neo4j_browser.style import looks, style_sheet
from registry.ontology.model import Model
from registry.ontology.modules import ModuleKind, module_of
from registry.ontology.names import Names
from registry.rdf.vocabulary import LIFECYCLE, TELEMETRY, TWIN, TWIN_OF, TWINNED_ENTITY
from registry.share import query
from registry.stores.graph_vocabulary import INTERNAL_LABELS, NODE_LABEL
from registry.stores.neo4j import naming
from registry.stores.neo4j.words import Words
from tests.neo4j.grass import drawn, rules_of
from tests.places import shared
from tests.shapes.fixtures import release

READABLE = 4.5
"""The least contrast of text (WCAG 2.2, success criterion 1.4.3)."""


@st.composite
def class_trees(draw: st.DrawFn) -> Model:
    """Classes with any classes above them, circles included; some stand for things that have twins."""
    count = draw(st.integers(1, 12))
    above = [draw(st.sets(st.integers(-1, count - 1), max_size=3)) for _ in range(count)]
    return model_of([sorted(parents) for parents in above])


def model_of(above: Sequence[Sequence[int]]) -> Model:
    """A model of numbered classes; -1 is the class of all that has twins."""
    lines = [
        f"<{TWINNED_ENTITY}> a owl:Class .",
        f"<{TWIN}> a owl:Class .",
        "<urn:t> a owl:Ontology .",
        f"<{TWIN_OF}> a owl:ObjectProperty .",
    ]
    for number, parents in enumerate(above):
        lines.append(f"<urn:t#C{number}> a owl:Class .")
        for one in parents:
            upper = TWINNED_ENTITY if one < 0 else f"urn:t#C{one}"
            lines.append(f"<urn:t#C{number}> rdfs:subClassOf <{upper}> .")
    prefixes = (
        "@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    )
    text = prefixes + "\n".join(lines)
    return Model([module_of("t", text.encode(), ModuleKind.ONTOLOGY)])


def words_of(model: Model) -> Words:
    """The words of a graph that is still empty."""
    return Words(naming.Names({}), Names().extended(model).of_terms)


@given(class_trees())
@settings(max_examples=200, deadline=None)
def test_of_any_labels_the_most_specific_one_decides(model: Model) -> None:
    words = words_of(model)
    rules = rules_of(style_sheet(model, words))
    order = list(rules)
    for iri in model.classes:
        rule = f"node.{words.label(iri)}"
        assert rule in rules
        assert order.index(rule) > order.index(f"node.{NODE_LABEL}")
        above = model.superclasses(iri) & model.classes.keys()
        below_it = [c for c in above if iri not in model.superclasses(c)]
        for general in below_it:
            assert order.index(f"node.{words.label(general)}") < order.index(rule)
        if len(below_it) == len(above) - 1:
            labels = [NODE_LABEL, *(words.label(c) for c in above)]
            assert drawn(rules, labels)["color"] == looks(model)[iri].fill


@given(class_trees())
@settings(max_examples=200, deadline=None)
def test_text_can_be_read_on_every_class(model: Model) -> None:
    rules = rules_of(style_sheet(model, words_of(model)))
    for selector, properties in rules.items():
        if selector.startswith("node"):
            assert contrast(properties["text-color-internal"], properties["color"]) >= READABLE, selector


def test_siblings_of_the_standard_model_differ_and_twins_differ_from_all() -> None:
    model = release().model
    drawn_as = looks(model)
    assert drawn_as.keys() == model.classes.keys()
    entities = sorted(model.subclasses(TWINNED_ENTITY))
    for one, other in itertools.combinations(entities, 2):
        assert drawn_as[one].fill != drawn_as[other].fill, (one, other)
    twins = {drawn_as[iri] for iri in model.subclasses(TWIN)}
    assert len(twins) == 1
    assert not {look.fill for look in twins} & {
        drawn_as[iri].fill for iri in model.classes.keys() - model.subclasses(TWIN)
    }


def test_a_branch_stays_in_its_part_of_the_circle() -> None:
    model = release().model
    names = release().names
    branch = {names.name(iri): parent(model, iri) for iri in model.classes}
    assert branch["Pump"] == names.resolve("Equipment")
    assert branch["Asset"] == TWINNED_ENTITY
    assert branch["TwinnedEntity"] is None


def test_a_class_in_two_branches_is_drawn_as_what_has_twins() -> None:
    model = model_of([[], [0], [1, 3], [-1]])
    assert parent(model, "urn:t#C2") == "urn:t#C3"


def test_an_ontology_of_its_own_has_colours_and_what_only_describes_stays_pale() -> None:
    brick = shared("brick-ontology", "Brick-1.4.4.ttl")
    module = module_of("brick", brick.read_bytes(), ModuleKind.ONTOLOGY)
    model = Model([*release().modules, module])
    drawn_as = looks(model)
    assert len(model.classes) > 1_000
    # Pale is what has its channels close together.
    names = ("AHU", "Room", "Temperature_Sensor")
    coloured = [spread(drawn_as[f"https://brickschema.org/schema/Brick#{name}"].fill) for name in names]
    pale = [spread(drawn_as[iri].fill) for iri in release().model.classes if iri.startswith((LIFECYCLE, TELEMETRY))]
    assert min(coloured) > max(pale)


def spread(colour: str) -> int:
    channels = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return max(channels) - min(channels)


def test_an_ontology_as_deep_as_it_likes_is_drawn() -> None:
    depth = 1_100
    model = model_of([[number - 1] for number in range(depth)])
    assert len(looks(model)) == depth + 2


def test_every_label_that_the_record_keeps_for_itself_has_a_rule() -> None:
    kept = set(re.findall(r"\(\w+:(_\w+)\)", query("cypher", "schema")))
    assert kept == {NODE_LABEL, *INTERNAL_LABELS}


def test_a_colour_that_no_screen_has_keeps_its_hue() -> None:
    assert Colour(0, 0, 0).hexadecimal() == "#000000"
    assert Colour(1, 0, 0).hexadecimal() == "#FFFFFF"
    # The three primaries of sRGB in OKLCH, as CSS Color 4 gives them.
    for colour, expected in [((0.628, 0.2577, 29.23), "#FF0000"), ((0.8664, 0.2948, 142.5), "#00FF00")]:
        assert distance(Colour(*colour).hexadecimal(), expected) <= 3
    strong = Colour(0.8, 0.4, 264).hexadecimal()
    assert int(strong[5:7], 16) > int(strong[1:3], 16)
    assert contrast("#000000", "#FFFFFF") == 21


def distance(one: str, other: str) -> int:
    return max(abs(int(one[at : at + 2], 16) - int(other[at : at + 2], 16)) for at in (1, 3, 5))


def test_a_label_that_was_issued_stays_and_others_are_what_would_be_issued() -> None:
    model = model_of([[], [0]])
    issued = naming.Names({})
    issued.issue(["urn:other#C1", "urn:t#C0"], {})
    words = Words(issued, Names().extended(model).of_terms)
    assert (words.label("urn:t#C0"), words.label("urn:t#C1"), words.relationship_type("urn:t#C1")) == (
        "C0",
        "C1_2",
        "C1_2",
    )
    assert issued.get("urn:t#C1") is None
