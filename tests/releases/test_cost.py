"""A shape that costs too much is named before it decides writes: on a sample when published, on everything after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from registry.api.http.releases import draft_json
from registry.app.core import Registry, graph_words
from registry.cli.program import commands
from registry.services import validation_pool
from registry.services.releases.migration import Migration
from tests.principals import LOCAL
from tests.releases.models import (
    NS,
    SHAPES,
    class_,
    model,
    opened,
    press,
    property_,
    put,
    shape,
    shapes,
    silent,
    store,
)

TERMS = (class_("Press"), property_("force"), property_("note"))
CHEAP = shape("Press", "force", "sh:maxCount 1")
COSTLY = (
    ': sh:declare [ sh:prefix "site" ; sh:namespace "https://site.example/model#"^^xsd:anyURI ] .\n'
    ':Slow a sh:NodeShape ; sh:targetClass site:Press ; sh:sparql :Slow-query ; sh:message "Mend it."@en ; '
    'sh:name "the slow one"@en .\n'
    ':Slow-query sh:prefixes : ; sh:message "No."@en ; sh:select """SELECT $this WHERE { '
    + "".join(f"$this ?p{number} ?v{number} . " for number in range(6))
    + 'FILTER(CONCAT(STR(?v0), STR(?v1), STR(?v2), STR(?v3), STR(?v4), STR(?v5)) = \'no\') }""" .\n'
)
PRESSES = 60


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with opened(tmp_path) as found:
        put(found, [model("1.0.0", *TERMS), shapes(CHEAP)])
        for first in range(0, PRESSES, 20):
            store(found, *(said for number in range(first, first + 20) for said in press(number, number)))
        yield found


def published(registry: Registry) -> str:
    """The costly draft; its sample names the costly shape."""
    draft = registry.releases.publish(LOCAL, [model("2.0.0", *TERMS), shapes(CHEAP, COSTLY)])
    told = draft_json(draft, registry.ontologies.active().digest, graph_words(registry))["slowest"]
    assert told[0]["shape"] == SHAPES + "Slow"
    assert told[0]["label"] == "the slow one"
    assert told[0]["share"] > 0.5
    assert told[0]["checks"] == PRESSES
    assert set(told[0]) == {"shape", "label", "seconds", "share", "checks"}
    assert [cost["seconds"] for cost in told] == sorted((cost["seconds"] for cost in told), reverse=True)
    return draft.note.digest


@pytest.mark.parametrize("worth", [validation_pool.WORTH_A_PROCESS, 30], ids=["here", "in several processes"])
def test_the_slowest_is_named_by_an_impact(worth: int, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = published(registry)
    monkeypatch.setattr(validation_pool, "WORTH_A_PROCESS", worth)
    found = registry.releases.impact(LOCAL, digest, silent)
    assert (found.slowest[0].shape, found.slowest[0].checks) == (SHAPES + "Slow", PRESSES)
    assert {cost.shape: cost.checks for cost in found.slowest}[SHAPES + "Press-force"] == PRESSES
    assert found.as_json()["slowest"][0]["label"] == "the slow one"


def test_the_slowest_is_named_with_a_migration_too(registry: Registry) -> None:
    update = f"DELETE {{ ?s <{NS}force> ?f }} WHERE {{ ?s <{NS}force> ?f }}"
    found = registry.releases.impact(LOCAL, published(registry), silent, Migration({}, update))
    assert (found.slowest[0].shape, found.slowest[0].checks) == (SHAPES + "Slow", PRESSES)


def test_a_check_without_an_end_is_named_and_ended(registry: Registry) -> None:
    # The query goes through every six of these values: far more than anybody waits for.
    many = [(NS + "press0", NS + "note", value) for _, _, value in press(0, *range(1_000, 1_060))[2:]]
    store(registry, *many)
    draft = registry.releases.publish(LOCAL, [model("2.0.0", *TERMS), shapes(CHEAP, COSTLY)])
    assert draft.slowest[0].shape == SHAPES + "Slow"
    assert draft.slowest[0].checks < PRESSES, "the sample ended with it"


def test_the_commands_print_a_line_for_each(registry: Registry, tmp_path: Path) -> None:
    digest = published(registry)
    registry.close()
    answer = CliRunner().invoke(commands, ["ontology", "impact", digest, "--data", str(tmp_path)])
    assert answer.exit_code == 0, answer.output
    assert "the slow one" in answer.output.replace("\n", " ")
    answer = CliRunner().invoke(commands, ["ontology", "impact", digest, "--data", str(tmp_path), "--json"])
    assert json.loads(answer.output)["slowest"][0]["shape"] == SHAPES + "Slow"
