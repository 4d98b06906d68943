"""The same inputs as in `test_sixty_inputs`, over the wire: generic and typed GraphQL, `apply`, RDF over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from registry.rdf.terms import Literal
from registry.rdf.vocabulary import RDF_LANG_STRING
from tests.endtoend.serving import ServingRegistry
from tests.transfer.test_sixty_inputs import INPUTS, LANGUAGE, PLANT, PUMP, TANK, Input, by_shape, turtle

REGISTER = "mutation($input: RegisterTwinInput!) { registerTwin(input: $input) { revision } }"
PATCH = "mutation($iri: Iri!, $set: [PropertyInput!]!) { patchResource(iri: $iri, set: $set) { revision } }"
APPLY = "mutation($commands: [CommandInput!]!) { apply(commands: $commands) { position } }"
TYPED = "mutation($iri: Iri!, $set: PumpPatch!) { patchPump(iri: $iri, set: $set) { revision } }"
REPORT = (
    'mutation($values: [ReadingInput!]!) { reportState(twin: "urn:sixty:pump-twin", values: $values) { revision } }'
)
Found = set[str]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingRegistry]:
    with ServingRegistry(tmp_path_factory.mktemp("sixty") / "data") as serving:
        for number, (iri, kind, name) in enumerate(((PUMP, "Pump", "ratedFlow"), (TANK, "Tank", "capacity"))):
            says = [{"property": name, "value": 5.5}, {"property": "serialNumber", "value": f"S{number}"}]
            point = {
                "name": "flow",
                "properties": [{"property": "unit", "value": "http://qudt.org/vocab/unit/L-PER-MIN"}],
            }
            answer = serving.ask(
                REGISTER,
                input={"iri": f"{iri}-twin", "points": [point],
                       "entity": {"iri": iri, "class": [kind], "name": "it", "properties": says}},
            )  # fmt: skip
            assert "errors" not in answer, answer
        yield serving


def refused(answer: dict[str, Any]) -> Found:
    """The rules that refuse, or the code where nothing got as far as a rule."""
    found = set()
    for error in answer.get("errors", ()):
        assert error["extensions"]["code"] in {"SHAPES_VIOLATED", "ILL_FORMED", "BAD_INPUT"}, error
        found |= {one["shape"] for one in error["extensions"].get("violations", ())} or {error["extensions"]["code"]}
    return found


def setting(given: Input) -> dict[str, Any]:
    value = given.value
    if not isinstance(value, Literal):
        return {"property": given.predicate, "iri": value}
    kind = {"language": value.language} if value.language else {"datatype": value.datatype}
    return {"property": given.predicate, "value": value.lexical, **kind}


def by_patch(registry: ServingRegistry, given: Input) -> Found:
    return refused(registry.ask(PATCH, iri=PUMP, set=[setting(given)]))


def by_apply(registry: ServingRegistry, given: Input) -> Found:
    return refused(registry.ask(APPLY, commands=[{"patchResource": {"iri": PUMP, "set": [setting(given)]}}]))


def by_rdf(registry: ServingRegistry, given: Input) -> Found:
    if given.value == Literal("x", RDF_LANG_STRING):
        return {LANGUAGE}  # The parser refuses it: tests/rdf/test_refusals.py.
    text = f"<{PUMP}> <{given.predicate}> {turtle(given.value)} ."
    headers = {"content-type": "text/turtle"}
    answer = httpx.post(f"{registry.address}/import", content=text.encode(), headers=headers, timeout=100)
    return {one["shape"] for one in json.loads(answer.text.splitlines()[-1])["result"]["violations"]}


@pytest.mark.parametrize("way", [by_patch, by_apply, by_rdf])
def test_each_input_has_the_answer_that_it_has_everywhere(
    way: Callable[[ServingRegistry, Input], Found], registry: ServingRegistry
) -> None:
    wrong = []
    for given in INPUTS:
        found = way(registry, given)
        named = given.rule in found or by_shape(found) or "BAD_INPUT" in found
        if bool(found) != (given.rule is not None) or (found and not named):
            wrong.append((given, found))
    assert not wrong


NO_DECIMAL = ["fast", "1e3e", "INF", "NaN", "1,5", "", " 1", "0x10", True, [1, 2], {"a": 1}]
NO_TEXT = ["a\0b", "a\x1bb", "a\ufffe", 7, True, ["a", "b"]]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("ratedHead", value) for value in NO_DECIMAL),
        *(("serialNumber", value) for value in NO_TEXT),
        *(("name", value) for value in NO_TEXT),
        ("feeds", ["no iri"]), ("feeds", ["urn:nothing"]), ("locatedIn", TANK), ("criticality", "hihg"),
        ("installedOn", "01.02.2024"), ("installedOn", "2024-13-01T00:00:00Z"), ("ratedHaed", 1),
    ],
)  # fmt: skip
def test_the_typed_mutation_refuses_the_same(name: str, value: Any, registry: ServingRegistry) -> None:
    before = registry.ask("query($iri: Iri!) { resource(iri: $iri) { revision } }", iri=PUMP)
    answer = registry.ask(TYPED, iri=PUMP, set={name: value})
    assert answer.get("errors"), answer
    assert all(error["extensions"]["code"] != "INTERNAL" for error in answer["errors"])
    assert registry.ask("query($iri: Iri!) { resource(iri: $iri) { revision } }", iri=PUMP) == before


@pytest.mark.parametrize(
    ("value", "datatype"),
    [("NaN", "xsd:double"), ("INF", "xsd:double"), ("-INF", "xsd:float"), ("high", None), ("high", "xsd:string")],
)
def test_a_point_with_a_unit_takes_finite_numbers_only(
    value: str, datatype: str | None, registry: ServingRegistry
) -> None:
    reading = {"point": "flow", "value": value, **({"datatype": datatype} if datatype else {})}
    assert refused(registry.ask(REPORT, values=[reading])), value
    assert "errors" not in registry.ask(REPORT, values=[{"point": "flow", "value": 1.5}])


@pytest.mark.parametrize("value", ["0.10000000000000000001", 7, 7.25])
def test_a_typed_number_is_kept_as_it_is(value: str | float, registry: ServingRegistry) -> None:
    assert "errors" not in registry.ask(TYPED, iri=PUMP, set={"ratedHead": value})
    as_triples = {"accept": "application/n-triples"}
    answer = httpx.get(f"{registry.address}/resource", params={"iri": PUMP}, headers=as_triples)
    assert f'<{PLANT}ratedHead> "{value}"' in answer.text
