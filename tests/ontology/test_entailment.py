"""What follows from data and model: held to a naive closure on a real building, and to what the command writes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from registry.app.core import open_registry
from registry.ontology.modules import Module, ModuleKind, read_module, standard_modules
from registry.rdf.syntax import Syntax, parse
from registry.rdf.terms import Iri, Literal, Statement, is_blank
from registry.rdf.vocabulary import BASE, CORE, OWL, RDF_TYPE, RDFS, RDFS_SUB_CLASS_OF
from registry.services.releases.entailment import Regime, Unnamed, entailed
from registry.settings import Settings
from tests.endtoend.serving import run_cli
from tests.places import CHECKOUT, shared
from tests.principals import LOCAL

PLANT = BASE + "plant#"
DEMO = CHECKOUT / "registry" / "demo" / "plant.ttl"
SITE = "https://demo.example/riverside/"
FED = (SITE + "T-400", CORE + "isFedBy", SITE + "P-301")
IN_LINE = (SITE + "P-101", CORE + "partOf", SITE + "line")


OF_TERMS = (RDFS_SUB_CLASS_OF, RDFS + "subPropertyOf", RDFS + "domain", RDFS + "range")


def silent(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def read(file: Path) -> list[Statement]:
    return list(parse(file.read_bytes(), Syntax.TURTLE).statements)


def naive_rdfs(stated: Iterable[Statement], modules: Sequence[Module]) -> set[Statement]:
    """The closure by the four rules that say anything of data: 2, 3, 7 and 9 of RDF 1.1 Semantics."""
    model = [s for module in modules for s in module.statements]
    above: dict[Iri, dict[Iri, set[Iri]]] = {predicate: defaultdict(set) for predicate in OF_TERMS}
    data = set(stated)
    for subject, predicate, target in (*model, *data):
        if predicate in above and isinstance(target, str):
            above[predicate][subject].add(target)
    found = waiting = data
    while waiting:
        new: set[Statement] = set()
        for subject, predicate, target in waiting:
            new |= {(subject, wider, target) for wider in above[RDFS + "subPropertyOf"][predicate]}
            new |= {(subject, RDF_TYPE, kind) for kind in above[RDFS + "domain"][predicate]}
            if isinstance(target, str):
                new |= {(target, RDF_TYPE, kind) for kind in above[RDFS + "range"][predicate]}
                if predicate == RDF_TYPE:
                    new |= {(subject, RDF_TYPE, kind) for kind in above[RDFS_SUB_CLASS_OF][target]}
        waiting = new - found
        found = found | waiting
    return found - data


def test_a_building_has_the_classes_and_links_that_a_naive_closure_gives_it() -> None:
    building, brick = read(shared("brick-rice-hall", "rice_brick.ttl")), shared("brick-ontology", "Brick-1.4.4.ttl")
    modules = [read_module(brick, ModuleKind.FOREIGN)]
    found = entailed(building, modules, Regime.RDFS, Unnamed.KEEP, silent)
    subjects = {statement[0] for statement in building}
    expected = {
        statement
        for statement in naive_rdfs(building, modules)
        if statement[0] in subjects and statement[2] not in (OWL + "Thing", RDFS + "Resource")
        and not (isinstance(statement[2], str) and is_blank(statement[2]) and statement[2] not in subjects)
    }  # fmt: skip
    # The building declares classes of its own; what follows of these is not what this is about.
    assert {s for s in found.statements if s[0] in subjects and s[1] not in OF_TERMS} == expected
    assert len(expected) > 500
    assert found.contradictions == []


@pytest.mark.parametrize(("regime", "inverse"), [(Regime.RDFS, False), (Regime.OWL_RL, True)])
def test_only_owl_follows_inverses_and_chains(regime: Regime, inverse: bool) -> None:
    found = set(entailed(read(DEMO), standard_modules(), regime, Unnamed.LEAVE_OUT, silent).statements)
    assert (SITE + "P-101", RDF_TYPE, PLANT + "Pump") in found
    assert (FED in found, IN_LINE in found) == (inverse, inverse)
    assert found.isdisjoint(read(DEMO))


def test_a_literal_keeps_its_spelling() -> None:
    odd = Literal("007", "http://www.w3.org/2001/XMLSchema#integer")
    model = parse(
        b"@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . <urn:p> rdfs:subPropertyOf <urn:q> .", Syntax.TURTLE
    )
    stated = [*model.statements, ("urn:a", "urn:p", odd)]
    assert entailed(stated, [], Regime.RDFS, Unnamed.KEEP, silent).statements.count(("urn:a", "urn:q", odd)) == 1


def test_the_command_reads_the_record_and_leaves_it_as_it_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run_cli("import", DEMO, "--data", data)
    before = run_cli("export", "--data", data).stdout
    texts = {}
    for suffix, syntax in (("ttl", Syntax.TURTLE), ("nt", Syntax.N_TRIPLES), ("trig", Syntax.TRIG)):
        file = tmp_path / f"entailed.{suffix}"
        told = json.loads(run_cli("ontology", "materialise", "-o", file, "--data", data, "--json").stdout)
        texts[suffix] = set(parse(file.read_bytes(), syntax).statements)
        assert (told["entailed"], told["contradictions"]) == (len(texts[suffix]), [])
    assert texts["ttl"] == texts["nt"] == texts["trig"]
    assert {FED, IN_LINE} <= texts["ttl"]
    assert run_cli("export", "--data", data).stdout == before
    registry = open_registry(Settings(data=data))
    assert FED not in set(registry.transfer.statements(LOCAL, None))
    registry.close()


def test_blank_nodes_are_told_only_beside_what_is_stated(tmp_path: Path) -> None:
    source = tmp_path / "source.ttl"
    source.write_text(f"<urn:a> <{CORE}feeds> [ a <{PLANT}Tank> ] .")
    for stated in (False, True):
        options = ("--stated",) if stated else ()
        told = json.loads(
            run_cli("ontology", "materialise", source, "-o", tmp_path / "out.nt", *options, "--json",
                    "--data", tmp_path / "d").stdout
        )  # fmt: skip
        text = (tmp_path / "out.nt").read_text()
        assert told["aboutBlankNodes"] > 0
        assert ("_:" in text, f"<{CORE}feeds>" in text) == (stated, stated)


def test_a_contradiction_is_told_and_is_no_statement(tmp_path: Path) -> None:
    source = tmp_path / "source.ttl"
    source.write_text(f"<urn:a> a <{CORE}Asset> , <{CORE}Process> .")
    done = run_cli("ontology", "materialise", source, "-o", tmp_path / "out.nt", "--data", tmp_path / "d", check=1)
    assert "a contradiction: " in done.stderr
    assert "urn:a" in done.stderr
    assert "rror" not in (tmp_path / "out.nt").read_text()


def test_what_cannot_be_done_leaves_no_file(tmp_path: Path) -> None:
    impossible: list[list[str | Path]] = [
        [DEMO, "-o", tmp_path / "out.csv"], ["-o", tmp_path / "out.nt"],
        [tmp_path / "none.ttl", "-o", tmp_path / "out.nt"],
    ]  # fmt: skip
    for arguments in impossible:
        run_cli("ontology", "materialise", *arguments, "--data", tmp_path / "d", check=2)
        assert not list(tmp_path.glob("out*"))
