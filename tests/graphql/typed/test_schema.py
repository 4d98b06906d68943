"""The schema that the ontology shapes: what becomes what, how large it gets, what an edit changes, who accepts it."""

from __future__ import annotations

import difflib
import json
import re
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from graphql import validate_schema

from registry.api.graphql.fixed.schema import ReleaseSchema
from registry.api.graphql.serve.limits import Limits
from registry.api.graphql.typed.resolve_type import PLAN
from registry.domain.releases.release import Release, compile_release
from registry.ontology.modules import Module, ModuleKind, module_of, read_module, standard_modules
from tests.graphql.typed.large import large_modules
from tests.npm import installed
from tests.places import shared

MOST_BYTES = 2 * 2**20
PLANT = "https://w3id.org/semantic-twins/plant#"


@cache
def standard() -> Release:
    return compile_release(standard_modules())


def schema_of(release: Release) -> ReleaseSchema:
    return ReleaseSchema(release, Limits())


def edited(*more: str, shapes: str = "") -> Release:
    """The standard model with something added to the plant, as its next release: names that were issued stay."""
    modules = []
    for module in standard_modules():
        added = "\n".join(more) if module.kind is ModuleKind.ONTOLOGY else shapes
        if module.name == "plant" and added:
            module = module_of(module.name, module.text + f"\n{added}\n".encode(), module.kind)
        modules.append(module)
    return compile_release(modules, standard().names)


def block(sdl: str, head: str) -> str:
    """The text of one type."""
    found = re.search(rf"^{head}\b.*?^}}$", sdl, re.MULTILINE | re.DOTALL)
    assert found, head
    return found[0]


def test_shapes_and_ontology_become_types() -> None:
    sdl = schema_of(standard()).sdl()
    assert validate_schema(schema_of(standard()).core) == []
    assert "interface Pump implements Equipment & Asset & TwinnedEntity & Resource {" in sdl
    assert "type PlainPump implements Pump & Equipment & Asset & TwinnedEntity & Resource {" in sdl
    pump = block(sdl, "type CentrifugalPump")
    for line in (
        "The flow a pump is made for, in cubic metres per hour. Null only beside an error.",
        "  ratedFlow: Decimal @semanticNonNull\n",
        "  criticality: EquipmentCriticality\n",
        "  feeds(first: Int! = 20, after: String): TwinnedEntityConnection!\n",
        "  isFedBy(first: Int! = 20, after: String): TwinnedEntityConnection!\n",
        "  dependsOnInverse(first: Int! = 20, after: String): TwinnedEntityConnection!\n",
        "  directPartOf: TwinnedEntity\n",
        "  twin: Twin\n",
    ):
        assert line in pump
    assert re.findall(r"^  (\w+)$", block(sdl, "enum EquipmentCriticality"), re.MULTILINE) == ["low", "medium", "high"]
    assert "  Uncertain\n" in block(sdl, "enum QualityFlag")
    assert "  ratedFlow: Decimal!\n" in block(sdl, "input PumpInput")
    assert "  ratedFlow: Decimal\n" in block(sdl, "input PumpPatch")
    assert "input PumpOrder @oneOf {" in sdl
    assert "type Twin implements Resource {" in sdl, "the fixed half has the type of twins"


def test_the_fixed_half_is_as_it_is_without_an_ontology() -> None:
    from registry.api.graphql.fixed.schema import fixed_half

    typed = schema_of(standard()).core.type_map
    for name, kind in fixed_half()._schema.type_map.items():
        if name not in ("Query", "Mutation", "Subscription"):
            assert typed[name] is kind
        else:
            fields = typed[name].fields  # type: ignore[attr-defined]
            assert kind.fields.items() <= fields.items()  # type: ignore[attr-defined]


def test_an_article_is_the_one_that_is_spoken_wherever_a_class_has_one() -> None:
    sdl = schema_of(standard()).sdl()
    assert "A change to an asset." in sdl
    assert "An asset by its IRI" in sdl
    assert "A pump by its IRI" in sdl
    assert re.findall(r"\b[Aa] [aio]\w+", sdl) == []


def test_annotations_decide_what_is_shown() -> None:
    hide = 'plant:Tank core:exposure "hidden" . plant:ratedHead core:exposure "hidden" . '
    show = '<http://www.w3.org/ns/prov#Agent> core:exposure "shown" .'
    plan = schema_of(edited(hide + show)).core.extensions[PLAN]
    names = {of.name: of for of in plan.classes.values()}
    assert "Tank" not in names
    assert "Agent" in names
    assert "ratedHead" not in names["Pump"].fields
    assert plan.object_name([PLANT + "Tank"]) == "PlainEquipment", "what has no type is of the one above it"


def test_a_deprecated_term_says_so_and_what_to_use() -> None:
    old = "plant:ratedHead owl:deprecated true ; <http://purl.org/dc/terms/isReplacedBy> plant:ratedPower ."
    sdl = schema_of(edited(old)).sdl()
    assert '  ratedHead: Decimal @deprecated(reason: "Use ratedPower instead.")\n' in block(sdl, "interface Pump")


@pytest.mark.parametrize(
    ("edit", "shapes", "touched", "removed"),
    [
        ('plant:Fan a owl:Class ; rdfs:subClassOf plant:Equipment ; rdfs:label "fan"@en ; '
         'skos:definition "Moves air."@en .', "", r"Fan|fan", 0),
        ('plant:Booster a owl:Class ; rdfs:subClassOf plant:Tank ; rdfs:label "booster"@en ; '
         'skos:definition "Lifts."@en .', "", r"Booster|booster|(Plain)?Tank", 1),
        ('plant:speed a owl:DatatypeProperty ; rdfs:domain plant:Tank ; rdfs:range xsd:decimal ; '
         'rdfs:label "speed"@en ; skos:definition "How fast."@en .', "", r"Tank\w*", 0),
        ("", "plant:Tank sh:property [ sh:path core:latitude ; sh:minCount 1 ] . plant:Tank a sh:NodeShape ; "
         "sh:targetClass plant:Tank .", r"Tank\w*", 3),
    ],
)  # fmt: skip
def test_an_edit_of_one_class_changes_only_its_lines(edit: str, shapes: str, touched: str, removed: int) -> None:
    before, after = (schema_of(release).sdl() for release in (standard(), edited(edit, shapes=shapes)))
    parts_before, parts_after = (set(re.split(r"\n\n(?=\S)", sdl)) for sdl in (before, after))
    for part in parts_after - parts_before:
        name = re.search(r"^(?:type|interface|input|enum) (\w+)", part, re.MULTILINE)
        assert name is None or re.match(rf"({touched}|Query|Mutation|Subscription)", name[1]), part
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0))
    gone = [line for line in lines if line.startswith("-") and not line.startswith("---") and line.strip("- ")]
    assert len(gone) <= removed, gone
    assert any(line.startswith("+") for line in lines[2:])


def brick() -> Sequence[Module]:
    return [read_module(shared("brick-ontology", "Brick-1.4.4.ttl"), ModuleKind.ONTOLOGY)]


@pytest.mark.parametrize("modules", [large_modules, brick])
def test_a_schema_stays_small_whatever_the_ontology(modules: object) -> None:
    release = compile_release([*standard_modules(), *modules()])  # type: ignore[operator]
    schema = schema_of(release)
    plan = schema.core.extensions[PLAN]
    assert validate_schema(schema.core) == []
    assert len(schema.sdl().encode()) <= MOST_BYTES
    assert len(plan.classes) > 60
    assert len(plan.classes) + len(plan.left_out) > 1_400
    left = plan.left_out[-1]
    assert plan.object_name([left]) is not None, "what found no room is of the type above it"


def test_the_reference_implementation_accepts_the_schema_and_its_descriptions(tmp_path: Path) -> None:
    folder = installed("graphql-js", "graphql@16")
    sdl = tmp_path / "schema.graphql"
    sdl.write_text(schema_of(standard()).sdl(), encoding="utf-8")
    script = """
        const { buildSchema, validateSchema, introspectionFromSchema } = require('graphql')
        const text = require('fs').readFileSync(process.argv[1], 'utf8')
        const schema = buildSchema(text)
        const type = introspectionFromSchema(schema).__schema.types.find(one => one.name === 'Pump')
        console.log(JSON.stringify({
          faults: validateSchema(schema).map(String), described: type.description,
          flow: type.fields.find(one => one.name === 'ratedFlow').description }))
    """
    told = subprocess.run(["node", "-e", script, str(sdl)], capture_output=True, text=True, cwd=folder, check=False)
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout) == {
        "faults": [],
        "described": "Equipment that moves a liquid.",
        "flow": "The flow a pump is made for, in cubic metres per hour. Null only beside an error.",
    }
