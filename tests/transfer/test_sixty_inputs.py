"""One right answer for each of sixty inputs, whichever way it comes in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from registry.app.core import Registry, open_registry
from registry.domain.commands import Apply, PatchResource, RegisterTwin
from registry.domain.integrity import rules
from registry.errors import RegistryError
from registry.rdf.terms import Literal, Term, text
from registry.rdf.vocabulary import CORE, RDF_LANG_STRING, RDFS, RDFS_LABEL, SKOS, XSD, XSD_DECIMAL
from registry.services.releases.migration import Migration
from registry.services.transfer.importer import ImportOptions
from registry.services.twins import Twins
from registry.settings import Settings
from tests.principals import LOCAL

PLANT = "https://w3id.org/semantic-twins/plant#"
OPEN = "https://open.example/speed"
PUMP, TANK = "urn:sixty:pump", "urn:sixty:tank"
ILL, LITERAL, LINK = rules.ILL_TYPED_LITERAL, rules.LITERAL_EXPECTED, rules.LINK_EXPECTED
CHARACTER, LANGUAGE = rules.ILLEGAL_CHARACTER, rules.ILL_FORMED_LANGUAGE


class Input(NamedTuple):
    """A property, a value of it, and the rule that refuses it; None where it is stored."""

    predicate: str
    value: Term
    rule: str | None


def typed(lexical: str, name: str, rule: str | None = ILL) -> Input:
    return Input(OPEN, Literal(lexical, XSD + name), rule)


INPUTS = [
    typed("fast", "decimal"), typed("1e3", "decimal"), typed("INF", "decimal"), typed("1,5", "decimal"),
    typed("", "decimal"), typed(" 1", "integer"), typed("1.0", "integer"), typed("300", "byte"),
    typed("-1", "unsignedInt"),
    typed("0", "positiveInteger"), typed("1", "negativeInteger"), typed("-1", "nonNegativeInteger"),
    typed("1", "nonPositiveInteger"), typed("32768", "short"), typed("2147483648", "int"),
    typed("9223372036854775808", "long"), typed("256", "unsignedByte"), typed("65536", "unsignedShort"),
    typed("18446744073709551616", "unsignedLong"), typed("yes", "boolean"), typed("TRUE", "boolean"),
    typed("2024-13-01", "date"), typed("2023-02-29", "date"), typed("01.02.2024", "date"), typed("25:00:00", "time"),
    typed("2024-01-01", "dateTime"), typed("2024-01-01T00:00:00", "dateTimeStamp"), typed("P", "duration"),
    typed("1 day", "duration"), typed("P1Y", "dayTimeDuration"), typed("P1D", "yearMonthDuration"),
    typed("24", "gYear"),
    typed("2024-13", "gYearMonth"), typed("--13", "gMonth"), typed("--02-30", "gMonthDay"), typed("---32", "gDay"),
    typed("ABC", "hexBinary"), typed("A", "base64Binary"), typed("nan", "double"), typed("1.5f", "float"),
    typed("en_GB!", "language"), typed(" a", "token"), typed("a:b", "NCName"), typed("12", "decimial"),
    typed("-0.50", "decimal", None), typed("-128", "byte", None), typed("2024-02-29", "date", None),
    typed("NaN", "double", None), typed("https://a.example/ b", "anyURI", None), typed("PT15M", "duration", None),
    Input(OPEN, Literal("x", RDF_LANG_STRING), LANGUAGE), Input(OPEN, text("Pumpe", "de-AT"), None),
    Input(OPEN, text("a\0b"), CHARACTER), Input(OPEN, text("a\x1bb"), CHARACTER),
    Input(OPEN, text("a\ufffe"), CHARACTER),
    Input(RDFS_LABEL, TANK, LITERAL), Input(RDFS + "comment", TANK, LITERAL), Input(SKOS + "prefLabel", TANK, LITERAL),
    Input(PLANT + "ratedHead", TANK, LITERAL), Input(CORE + "feeds", text("tank"), LINK),
]  # fmt: skip


def test_there_are_sixty() -> None:
    assert len(set(INPUTS)) == 60


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    opened = open_registry(Settings(data=tmp_path_factory.mktemp("sixty")))
    assert opened.writer is not None
    for number, iri in enumerate((PUMP, TANK)):
        kind = {PUMP: ("Pump", "ratedFlow"), TANK: ("Tank", "capacity")}[iri]
        says = {PLANT + kind[1]: (Literal("5.5", XSD_DECIMAL),), PLANT + "serialNumber": (text(f"S{number}"),)}
        command = RegisterTwin(
            iri=f"{iri}-twin", entity=iri, classes=(PLANT + kind[0],), properties={RDFS_LABEL: (text("it"),), **says}
        )
        carried(opened, command)
    yield opened
    opened.close()


def carried(registry: Registry, command: Any) -> None:
    assert registry.writer is not None
    asyncio.run(Twins(registry.writer, registry.ontologies.active).carry_out(LOCAL, command))


def refused_by(error: RegistryError) -> set[str]:
    """The rules that an error names; a shape that refuses the same value speaks for the rule."""
    return {violation.shape for violation in error.violations}  # type: ignore[attr-defined]


def by_patch(registry: Registry, given: Input, folder: Path) -> set[str]:
    try:
        carried(registry, PatchResource(PUMP, {given.predicate: (given.value,)}))
    except RegistryError as error:
        return refused_by(error)
    return set()


def by_apply(registry: Registry, given: Input, folder: Path) -> set[str]:
    try:
        carried(registry, Apply((PatchResource(PUMP, {given.predicate: (given.value,)}),)))
    except RegistryError as error:
        return refused_by(error)
    return set()


def turtle(value: Term) -> str:
    if not isinstance(value, Literal):
        return f"<{value}>"
    lexical = "".join(f"\\u{ord(c):04X}" for c in value.lexical)
    return f'"{lexical}"' + (f"@{value.language}" if value.language else f"^^<{value.datatype}>")


def by_import(registry: Registry, given: Input, folder: Path) -> set[str]:
    if given.value == Literal("x", RDF_LANG_STRING):
        return {LANGUAGE}  # The parser refuses it: tests/rdf/test_refusals.py.
    file = folder / "one.ttl"
    file.write_text(f"<{PUMP}> <{given.predicate}> {turtle(given.value)} .")
    return {found.shape for found in registry.transfer.import_files(LOCAL, [file], ImportOptions()).violations}


def by_migration(registry: Registry, given: Input, folder: Path) -> set[str]:
    update = f"INSERT DATA {{ <{TANK}> <{given.predicate}> {turtle(given.value)} }}"
    try:
        impact = registry.releases.impact(LOCAL, "active", lambda *done: None, Migration({}, update))
    except RegistryError as error:
        return refused_by(error)
    return {shape["shape"] for shape in impact.as_json()["shapes"] if shape["severity"] == "Violation"}


WAYS = {"patch": by_patch, "apply": by_apply, "import": by_import, "migration": by_migration}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_each_input_has_one_answer(way: Any, registry: Registry, tmp_path: Path) -> None:
    wrong = []
    for given in INPUTS:
        found = way(registry, given, tmp_path)
        if bool(found) != (given.rule is not None) or (found and given.rule not in found and not by_shape(found)):
            wrong.append((given, found))
    assert not wrong
    resource = registry.record.view().resources([PUMP])[PUMP]
    stored = {(predicate, value) for _, predicate, value in resource.triples()}
    assert not [given for given in INPUTS if given.rule and (given.predicate, given.value) in stored]


def by_shape(found: set[str]) -> bool:
    return not any(shape.startswith(rules.ILL_TYPED_LITERAL.rpartition("#")[0]) for shape in found)
