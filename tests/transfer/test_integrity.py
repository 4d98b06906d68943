"""What an import tells of terms that are none, of values that do not mean what they say, and what audits list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.app.core import Registry, open_registry
from registry.domain.integrity import rules
from registry.rdf.syntax import Leniency
from registry.services.transfer.importer import ImportOptions, OnFault
from registry.settings import Settings
from tests.principals import LOCAL
from tests.transfer.test_import import GOOD, names, written

NUL = ':nul a plant:Tank ; rdfs:label "a\\u0000b" ; plant:capacity 1.5 ; plant:serialNumber "S4" .\n'
FAST = ':open :speed "fast"^^<http://www.w3.org/2001/XMLSchema#decimal> .\n'
LINKED = ":open rdfs:label :pump .\n"
OUTSIDE = ':hall a plant:Tank ; rdfs:label "T" ; plant:capacity 1.5 ; plant:serialNumber "S5" ; plant:ratedFlow 5.5 .\n'


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    opened = open_registry(Settings(data=tmp_path / "data"))
    yield opened
    opened.close()


def rules_of(violations: object) -> Counter[str]:
    return Counter(violation.shape for violation in violations)  # type: ignore[attr-defined]


@pytest.mark.parametrize("on_fault", [OnFault.LEAVE_OUT, OnFault.OWE])
def test_what_is_no_rdf_is_never_stored_and_says_where_it_is(
    on_fault: OnFault, registry: Registry, tmp_path: Path
) -> None:
    result = registry.transfer.import_files(LOCAL, [written(tmp_path, GOOD, NUL)], ImportOptions(on_fault=on_fault))
    assert names(registry) == {"pump"}
    assert result.left_out == ["https://e.example/nul"]
    (told,) = result.violations
    assert (told.focus, told.shape) == ("https://e.example/nul", rules.ILLEGAL_CHARACTER)
    assert told.as_json()["value"] == "a\\u0000b"
    assert "character 2" in told.message
    assert "plant.ttl" in told.message


def test_a_lenient_import_replaces_such_characters_and_says_so(registry: Registry, tmp_path: Path) -> None:
    options = ImportOptions(leniency=Leniency.LENIENT)
    result = registry.transfer.import_files(LOCAL, [written(tmp_path, GOOD, NUL)], options)
    assert names(registry) == {"pump", "nul"}
    assert [repair.before for repair in result.repairs] == ["a\\u0000b"]


def test_import_and_audit_count_alike(registry: Registry, tmp_path: Path) -> None:
    file = written(tmp_path, GOOD, FAST, LINKED, OUTSIDE)
    result = registry.transfer.import_files(LOCAL, [file], ImportOptions(on_fault=OnFault.OWE))
    found = list(registry.audit.results(LOCAL))
    refusing = rules_of(each for each in found if each.severity.refuses)
    assert refusing == rules_of(result.violations)
    assert {rules.ILL_TYPED_LITERAL, rules.LITERAL_EXPECTED} <= refusing.keys()
    warnings = [each for each in found if not each.severity.refuses]
    assert len(warnings) == result.warnings
    assert rules_of(warnings)[rules.OUTSIDE_DOMAIN] == 1
