"""Several commands as one: whatever refuses them names the command, and a report has an end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.graphql.server import Server

APPLY = """
mutation ($c: [CommandInput!]!, $dryRun: Boolean = false) {
  apply(commands: $c, dryRun: $dryRun) { position moreWarnings warnings { focus command } } }
"""
Fresh = Callable[[str], str]
Pump = Callable[..., str]


def registration(iri: str, flow: float, **entity: Any) -> dict[str, Any]:
    """A command that registers a pump."""
    properties = [{"property": "ratedFlow", "value": flow}]
    described = {"iri": f"{iri}:entity", "class": ["CentrifugalPump"], "name": "Pump", "properties": properties}
    return {"registerTwin": {"iri": iri, "entity": {**described, **entity}}}


def test_a_report_ends_and_says_how_much_is_left_out(server: Server, fresh: Fresh) -> None:
    commands = [registration(fresh(f"t{n}"), 5.0 if n % 5 == 0 else -5.0) for n in range(200)]
    fault = server.refused(APPLY, c=commands)
    assert fault["code"] == "SHAPES_VIOLATED"
    assert (len(fault["violations"]), fault["moreViolations"]) == (100, 160 + 200 - 100), "warnings too"
    assert "(and 159 more)" in fault["message"]
    for violation in fault["violations"]:
        assert violation["focus"] == fresh(f"t{violation['command']}") + ":entity"
    assert len({violation["command"] for violation in fault["violations"]}) == 100
    assert all(violation["suggestion"] for violation in fault["violations"])
    assert fault["command"] == fault["violations"][0]["command"]


def test_alone_nothing_names_a_command(server: Server, fresh: Fresh) -> None:
    fault = server.refused("mutation ($i: Iri!) { deleteResource(iri: $i) { revision } }", i=fresh("none"))
    assert "command" not in fault


def test_what_a_neighbour_breaks_names_the_command_that_changed_it(server: Server, fresh: Fresh, pump: Pump) -> None:
    twin = pump("x")
    entity = server.data("query ($i: Iri!) { twin(iri: $i) { entity { iri } } }", i=twin)["twin"]["entity"]["iri"]
    commands = [registration(fresh("fine"), 5.0), {"deleteResource": {"iri": entity}}]
    fault = server.refused(APPLY, c=commands)
    assert fault["code"] == "SHAPES_VIOLATED"
    refusing = [violation for violation in fault["violations"] if violation["severity"] == "Violation"]
    assert {violation["command"] for violation in refusing} == {1}
    assert {v["command"] for v in fault["violations"] if v not in refusing} == {0}, "the new pump has no serial number"


def faults(fresh: Fresh, twin: str, entity: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Commands that are refused, each with its code."""
    flow = [{"property": "ratedFlow", "value": 3}]
    patch = {"iri": entity, "set": flow}
    return {
        "nothing there": ("NOT_FOUND", {"patchResource": {"iri": fresh("none"), "set": flow}}),
        "an unknown name": ("BAD_INPUT", {"patchResource": {"iri": entity, "unset": ["nosuch"]}}),
        "no change": ("BAD_INPUT", {"patchResource": {"iri": entity}}),
        "another revision": ("REVISION_MOVED", {"patchResource": {**patch, "expectedRevision": 77}}),
        "no such move": ("TRANSITION_REFUSED", {"transition": {"twin": twin, "trigger": "fly"}}),
        "there already": ("ALREADY_EXISTS", registration(twin, 5.0)),
        "no such link": ("NOT_FOUND", {"unlink": {"subject": entity, "predicate": "feeds", "object": twin}}),
        "nowhere to link to": ("NOT_FOUND", {"link": {"subject": entity, "predicate": "feeds", "object": fresh("no")}}),
        "no such point": ("BAD_INPUT", {"reportState": {"twin": twin, "values": [{"point": "x", "value": 1}]}}),
        "no IRI": ("BAD_INPUT", registration(fresh("long") + "x" * 5_000, 5.0)),
    }  # fmt: skip


@pytest.mark.parametrize("name", faults(lambda name: name, "", ""))
def test_every_refusal_names_its_command(server: Server, fresh: Fresh, pump: Pump, name: str) -> None:
    twin = pump("x")
    entity = server.data("query ($i: Iri!) { twin(iri: $i) { entity { iri } } }", i=twin)["twin"]["entity"]["iri"]
    code, wrong = faults(fresh, twin, entity)[name]
    before = server.record.head()
    good = [registration(fresh(f"good{n}"), 5.0) for n in range(3)]
    fault = server.refused(APPLY, c=[*good[:2], wrong, good[2]])
    assert (fault["code"], fault["command"]) == (code, 2), fault
    assert server.record.head() == before, "nothing of it is stored"
