"""pySHACL on the same record: on random shapes and data, and on a plant with faults of every kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from registry.app.core import Registry, open_registry
from registry.domain.releases.release import compile_release
from registry.errors import OntologyRejected
from registry.ontology.modules import ModuleKind, module_of
from registry.rdf.terms import Term
from registry.rdf.vocabulary import DASH, INTEGRITY
from registry.services.audit.pyshacl_engine import Reach, judged
from registry.services.transfer.importer import ImportOptions, OnFault
from registry.settings import Settings
from registry.shacl.reports.graph import Violation
from tests.audit.records import CLASSES, shapes_module
from tests.places import CHECKOUT
from tests.principals import LOCAL
from tests.shacl.cases import HIERARCHY, Case
from tests.shacl.oracles import PYSHACL
from tests.shacl.reports import shown
from tests.shacl.whole import PREFIXES, WholeMemoryGraph, statements

Told = tuple[Term, str, str, str, str, str]


def told(violations: Iterable[Violation]) -> Counter[Told]:
    """All of a result but its wording."""
    return Counter((v.focus, v.path, shown(v.value), v.component, v.shape, v.severity.value) for v in violations)


def test_pyshacl_says_the_same_in_our_words() -> None:
    verdicts: Counter[bool] = Counter()
    for seed in range(150):
        case = Case(seed, PYSHACL.scopes[0]).draw_shapes()
        shapes = shapes_module(case.shapes)
        data = list(dict.fromkeys(case.statement() for _ in range(10)))
        own = told(compile_release([CLASSES, shapes]).shapes.validate(WholeMemoryGraph([*HIERARCHY, *data])))
        assert told(judged(data, [CLASSES, shapes])) == own, f"seed {seed}"
        verdicts[bool(own)] += 1
    assert min(verdicts[True], verdicts[False]) > 20


FAULTY = """
@prefix plant: <https://w3id.org/semantic-twins/plant#> .
@prefix core: <https://w3id.org/semantic-twins/core#> .
<urn:t> a plant:Tank ; core:locatedIn <urn:nowhere> .
<urn:p> a plant:CentrifugalPump ; plant:ratedFlow "fast" , 1.5 ; plant:criticality "huge" ; core:locatedIn <urn:t> .
<urn:twin> a core:Twin ; core:twinOf <urn:p> ; core:basedOnTemplate plant:PumpTemplate .
<urn:other> a core:Twin ; core:twinOf <urn:p> , [ a plant:Valve ; plant:nominalDiameter 0 ] .
"""


def test_a_faulty_plant_is_as_faulty_to_pyshacl(tmp_path: Path) -> None:
    file = tmp_path / "faulty.ttl"
    file.write_text(FAULTY)
    registry: Registry = open_registry(Settings(data=tmp_path / "data"))
    try:
        plant = CHECKOUT / "registry" / "demo" / "plant.ttl"
        registry.transfer.import_files(LOCAL, [plant, file], ImportOptions(on_fault=OnFault.OWE))
        own = [found for found in registry.audit.results(LOCAL) if not found.component.startswith((INTEGRITY, DASH))]
        other = judged(registry.transfer.statements(LOCAL, None), registry.audit.modules())
    finally:
        registry.close()
    assert told(own) == told(other)
    assert len(own) > 10
    assert any(found.shape.endswith("#PumpTwin-flow") for found in own), "templates have targets in both"


RULES = """
:S a sh:NodeShape ; sh:targetClass :A ; sh:property [ sh:path :q ; sh:maxCount 0 ] ;
    sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate :q ; sh:object :b ] .
"""


def test_rules_of_shacl_af_run_where_they_are_asked_for() -> None:
    shapes = module_of("rules", (PREFIXES + RULES).encode(), ModuleKind.SHAPES)
    data = statements(":a a :A .")
    assert judged(data, [CLASSES, shapes]) == []
    (found,) = judged(data, [CLASSES, shapes], Reach.RULES)
    assert found.component.endswith("MaxCountConstraintComponent")


def test_shapes_that_pyshacl_does_not_understand_are_refused_in_one_line() -> None:
    broken = module_of(
        "broken",
        (PREFIXES + ":S sh:targetClass :A ; sh:minCount 1 ; sh:nodeKind sh:IRI , sh:Literal .").encode(),
        ModuleKind.SHAPES,
    )
    with pytest.raises(OntologyRejected, match="pySHACL") as refused:
        judged(statements(":a a :A ."), [CLASSES, broken])
    assert "\n" not in refused.value.message
