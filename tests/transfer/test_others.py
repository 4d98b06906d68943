"""What others write while an import is stored: nothing is kept that does not hold any more."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

from registry.app.core import open_registry
from registry.domain.commands import DeleteResource, PatchResource
from registry.rdf.terms import text
from registry.services.transfer.importer import ImportOptions, ImportResult
from registry.services.twins import Twins
from registry.settings import Settings
from tests.principals import LOCAL

PREFIXES = """@prefix : <https://w3id.org/semantic-twins/plant#> .
@prefix core: <https://w3id.org/semantic-twins/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."""
PUMP = """<urn:z> a :CentrifugalPump ; rdfs:label 'Z' ; :serialNumber 'Z-0001' ; :ratedFlow 12.5 ;
  core:locatedIn <urn:target> ."""
MANY = 900
"""More than one batch, so that others come between two of them."""


def imported(folder: Path, command: DeleteResource | PatchResource) -> tuple[ImportResult, set[str]]:
    """Import many resources of which the last one links to ``urn:target``; a command is carried out in between."""
    before, file = folder / "before.ttl", folder / "many.ttl"
    before.write_text(f"{PREFIXES} <urn:target> a :Hall ; rdfs:label 'Hall' . <urn:elsewhere> <urn:note> 'there' .")
    lines = [f"<urn:m:{number:04d}> <urn:note> '{number}' ." for number in range(MANY)]
    file.write_text("\n".join([PREFIXES, *lines, PUMP]))
    with closing(open_registry(Settings(data=folder / "data"))) as registry:
        registry.transfer.import_files(LOCAL, [before], ImportOptions())
        assert registry.writer is not None
        twins, came = Twins(registry.writer, registry.ontologies.active), list[int]()

        def come_between(stage: str, done: int, total: int) -> None:
            if stage == "store" and not came:
                came.append(done)
                asyncio.run(twins.carry_out(LOCAL, command))

        result = registry.transfer.import_files(LOCAL, [file], ImportOptions(), come_between)
        assert came
        assert came[0] < MANY
        return result, set(registry.record.iris("", 10_000))


def test_a_link_whose_target_goes_meanwhile_is_not_stored(tmp_path: Path) -> None:
    result, stored = imported(tmp_path, DeleteResource("urn:target"))
    assert "urn:z" not in stored
    assert {violation.focus for violation in result.violations} == {"urn:z"}
    assert len([iri for iri in stored if iri.startswith("urn:m:")]) == MANY
    assert (result.stored, result.unchanged, result.resumed_at) == (MANY, 0, 0)


def test_what_others_write_elsewhere_disturbs_nothing(tmp_path: Path) -> None:
    result, stored = imported(tmp_path, PatchResource("urn:elsewhere", {"urn:note": (text("changed"),)}))
    assert "urn:z" in stored
    assert result.violations == []
    assert (result.stored, result.unchanged, result.resumed_at) == (MANY + 1, 0, 0)
