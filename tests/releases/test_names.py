"""What a comparison says of names: each member of the GraphQL schema that comes, changes or goes, and Neo4j's words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
)

from registry.api.graphql.fixed.schema import fixed_half
from registry.api.graphql.typed.schema import combined
from registry.api.graphql.typed.schema_comparison import MemberChange, Risk, schema_changes
from registry.domain.releases.comparison import Fate
from registry.domain.releases.release import compile_release
from registry.ontology.modules import Module, standard_modules
from registry.ontology.names import Names
from tests.endtoend.serving import run_cli
from tests.releases.models import class_, model, property_, shape, shapes

PRESS, FORCE, MODE = class_("Press"), property_("force"), property_("mode")
PUSHES = property_("pushes").replace("owl:DatatypeProperty", "owl:ObjectProperty")
ONE = shape("Press", "force", "sh:maxCount 1 ; sh:datatype xsd:integer")
MODES = shape("Press", "mode", 'sh:maxCount 1 ; sh:in ( "manual" "automatic" )')
DEPRECATED = "; owl:deprecated true ; dcterms:isReplacedBy :load"

MODELS: dict[str, Sequence[Module]] = {
    "first": [model("1.0.0", PRESS, FORCE, MODE), shapes(ONE, MODES)],
    "a subclass, and a property renamed": [
        model("3.0.0", PRESS, class_("Stamp", ":Press"), property_("load"), MODE),
        shapes(ONE.replace("force", "load"), MODES),
    ],
    "another value, and a demand": [
        model("2.0.0", PRESS, FORCE, MODE),
        shapes(ONE.replace("sh:maxCount 1", "sh:maxCount 1 ; sh:minCount 1"), MODES.replace("automatic", "remote")),
    ],
    "a deprecation, and a link": [
        model("2.0.0", PRESS, property_("force", DEPRECATED), property_("load"), MODE, PUSHES),
        shapes(ONE, MODES, shape("Press", "pushes", "sh:class site:Press")),
    ],
    "nothing left": [model("2.0.0", class_("Anvil"))],
}


def schema(name: str) -> GraphQLSchema:
    """The schema of one of the models, all under the same names."""
    names = Names()
    for modules in MODELS.values():
        names = compile_release([*standard_modules(), *modules], names).names
    return combined(fixed_half(), compile_release([*standard_modules(), *MODELS[name]], names))


@pytest.fixture(scope="module")
def schemas() -> dict[str, GraphQLSchema]:
    return {name: schema(name) for name in MODELS}


def coordinates(found: GraphQLSchema) -> dict[str, set[str]]:
    """Each type with the coordinates of its members, arguments included."""
    members: dict[str, set[str]] = {}
    for name, kind in found.type_map.items():
        here = members.setdefault(name, set())
        if isinstance(kind, GraphQLEnumType):
            here |= {f"{name}.{value}" for value in kind.values}
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            here |= {f"{name}.{field}" for field in kind.fields}
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            here |= {f"{name}.{field}({arg}:)" for field, told in kind.fields.items() for arg in told.args}
    return members


def missing_in(one: dict[str, set[str]], other: dict[str, set[str]]) -> set[str]:
    """What is in one and not in the other; of a missing type the type alone, of a missing field the field alone."""
    types = one.keys() - other.keys()
    members = {member for name in one.keys() & other.keys() for member in one[name] - other[name]}
    return types | {member for member in members if member.partition("(")[0] not in members - {member}}


def of_fate(changes: Sequence[MemberChange], fate: Fate) -> set[str]:
    return {change.member for change in changes if change.fate is fate}


@pytest.mark.parametrize(("before", "after"), list(permutations(MODELS, 2)))
def test_every_member_that_comes_or_goes_is_told_once(
    schemas: dict[str, GraphQLSchema], before: str, after: str
) -> None:
    earlier, later = coordinates(schemas[before]), coordinates(schemas[after])
    changes = schema_changes(schemas[before], schemas[after])
    assert of_fate(changes, Fate.ADDED) == missing_in(later, earlier)
    assert of_fate(changes, Fate.REMOVED) == missing_in(earlier, later)
    stay = {*earlier, *(member for members in earlier.values() for member in members)}
    assert of_fate(changes, Fate.CHANGED) <= stay
    assert len({(change.member, change.kind, change.description) for change in changes}) == len(changes)


CHANGES = {
    "a subclass, and a property renamed": {
        ("Press", Risk.DANGEROUS, "TYPE_CHANGED_KIND"),
        ("Press.force", Risk.BREAKING, "FIELD_REMOVED"),
        ("Press.load", Risk.SAFE, "FIELD_ADDED"),
        ("PressGroup.force", Risk.BREAKING, "VALUE_REMOVED_FROM_ENUM"),
        ("Query.stamps", Risk.SAFE, "FIELD_ADDED"),
    },
    "another value, and a demand": {
        ("PressInput.force", Risk.BREAKING, "FIELD_CHANGED_KIND"),
        ("Press.force", Risk.SAFE, "SEMANTIC_NON_NULL_ADDED"),
        ("PressMode.automatic", Risk.BREAKING, "VALUE_REMOVED_FROM_ENUM"),
        ("PressMode.remote", Risk.DANGEROUS, "VALUE_ADDED_TO_ENUM"),
    },
    "a deprecation, and a link": {
        ("Press.force", Risk.SAFE, "DEPRECATED"),
        ("Press.pushes", Risk.SAFE, "FIELD_ADDED"),
        ("PressInput.pushes", Risk.DANGEROUS, "OPTIONAL_INPUT_FIELD_ADDED"),
    },
    "nothing left": {
        ("Press", Risk.BREAKING, "TYPE_REMOVED"),
        ("Query.presses", Risk.BREAKING, "FIELD_REMOVED"),
        ("Mutation.createPress", Risk.BREAKING, "FIELD_REMOVED"),
    },
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_a_change_means_for_documents_is_told(schemas: dict[str, GraphQLSchema], what: str) -> None:
    changes = schema_changes(schemas["first"], schemas[what])
    assert CHANGES[what] <= {(change.member, change.risk, change.kind) for change in changes}
    risks = [list(Risk).index(change.risk) for change in changes]
    assert risks == sorted(risks), "the worst comes first"


def test_nothing_changes_between_a_schema_and_itself(schemas: dict[str, GraphQLSchema]) -> None:
    assert schema_changes(schemas["first"], schema("first")) == []


def test_the_command_tells_them_and_the_words_of_neo4j(tmp_path: Path) -> None:
    for step in ("first", "a deprecation, and a link", "a subclass, and a property renamed"):
        folder = tmp_path / step
        for module in [*standard_modules(), *MODELS[step]]:
            file = folder / module.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(module.text)
        told = run_cli("ontology", "publish", folder, "--json", "--data", tmp_path / "d").stdout
        if step != "a subclass, and a property renamed":
            run_cli("ontology", "activate", json.loads(told)["digest"], "--data", tmp_path / "d")
    draft = json.loads(told)
    assert draft["comparison"]["neo4j"] == {
        "labels": {"added": ["Stamp"], "gone": []},
        "relationshipTypes": {"added": [], "gone": ["PUSHES"]},
        "properties": {"added": [], "gone": ["force"]},
    }
    assert "Press.pushes" in {change["member"] for change in draft["comparison"]["graphql"]}
    done = run_cli("ontology", "compare", "active", draft["digest"], "--data", tmp_path / "d")
    assert "in Neo4j appear: :Stamp\n" in done.stderr
    assert "in Neo4j fall away: -[:PUSHES]->, .force\n" in done.stderr
    assert "Press.force" in done.stdout
