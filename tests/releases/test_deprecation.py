"""Terms that are deprecated: who still uses them is told, whoever goes on is warned, and nobody is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.api.graphql.fixed.schema import ReleaseSchema
from registry.api.graphql.serve.limits import Limits
from registry.app.core import Registry
from registry.domain.integrity import DEPRECATED_TERM
from registry.errors import OntologyRejected
from registry.rdf.terms import Literal, text
from registry.rdf.vocabulary import RDF_TYPE, RDFS_LABEL, XSD_INTEGER
from registry.services.documentation import document
from registry.shacl.reports.graph import Severity, Violation
from tests.endtoend.serving import run_cli
from tests.principals import LOCAL
from tests.releases.models import (
    NS,
    class_,
    model,
    opened,
    press,
    property_,
    shape,
    shapes,
    silent,
    started,
    store,
)

OLD = "; owl:deprecated true ; dcterms:isReplacedBy "
IN_FORCE = shape("Press", "force", "sh:maxCount 1")
LATER = [
    model(
        "2.0.0", class_("Press", more=OLD + ":Machine"), class_("Machine"), property_("force", OLD + ":load , :pull"),
        property_("load"), property_("pull"), property_("grade").replace("owl:DatatypeProperty", "owl:ObjectProperty"),
        class_("Grade", "owl:Thing"),
        ':coarse rdf:type owl:NamedIndividual , :Grade ; rdfs:label "coarse"@en ; skos:definition "A."@en '
        f"{OLD} :fine .\n"
        ':fine rdf:type owl:NamedIndividual , :Grade ; rdfs:label "fine"@en ; skos:definition "B."@en .\n',
    ),
    shapes(IN_FORCE, shape("Machine", "grade", "sh:maxCount 1 ; sh:class site:Grade")),
]  # fmt: skip


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """Under the first model, with one press, and the later one as a draft."""
    with opened(tmp_path) as found:
        store(started(found), *press(1, 5))
        yield found


def told(violations: list[Violation]) -> set[tuple[str, str]]:
    assert {violation.severity for violation in violations} <= {Severity.WARNING}
    assert {violation.shape for violation in violations} <= {DEPRECATED_TERM}
    return {(str(violation.focus), violation.message) for violation in violations}


OF_PRESS = {
    (NS + "press1", "Press is deprecated: use Machine instead"),
    (NS + "press1", "force is deprecated: use load or pull instead"),
}


def activated(registry: Registry) -> str:
    digest = registry.releases.publish(LOCAL, LATER).note.digest
    found = registry.releases.impact(LOCAL, digest, silent)
    assert not found.failing
    assert [(shape.shape, shape.count, shape.resources) for shape in found.shapes] == [
        (DEPRECATED_TERM, 2, {NS + "press1"})
    ]
    registry.releases.activate(registry.principal, digest)
    return digest


def test_the_impact_and_the_audit_tell_who_uses_them_and_nobody_is_refused(registry: Registry) -> None:
    activated(registry)
    assert told(list(registry.audit.results(LOCAL))) == OF_PRESS


def test_a_write_that_uses_them_is_warned_and_one_that_does_not_is_not(registry: Registry) -> None:
    activated(registry)
    renewed = store(registry, (NS + "press1", NS + "load", Literal("6", XSD_INTEGER)))
    assert renewed.warnings == ()
    machine = NS + "machine"
    graded = store(
        registry, (machine, RDF_TYPE, NS + "Machine"), (machine, RDFS_LABEL, text("machine")),
        (machine, NS + "grade", NS + "coarse"),
    )  # fmt: skip
    assert told(list(graded.warnings)) == {(machine, "coarse is deprecated: use fine instead")}
    assert told(list(store(registry, *press(2)).warnings)) == {
        (NS + "press2", "Press is deprecated: use Machine instead")
    }


def test_graphql_and_the_page_name_what_to_use(registry: Registry) -> None:
    activated(registry)
    release = registry.ontologies.active()
    sdl = ReleaseSchema(release, Limits()).sdl()
    for line in (
        'force: Int @deprecated(reason: "Use load or pull instead.")',
        'coarse @deprecated(reason: "Use fine instead.")',
        '): Press @deprecated(reason: "Use Machine instead.")',
    ):
        words, _, reason = line.partition(" @")
        assert any(words.partition(":")[0] in found and reason in found for found in sdl.splitlines()), line
    page = document(release)
    assert '<span class="mark">deprecated</span>' in page
    assert "use instead: " in page


@pytest.mark.parametrize(
    ("instead", "reason"),
    [(":nowhere", "nobody declares"), (":Press", "is no DatatypeProperty"), (":force", "is deprecated itself")],
)
def test_a_replacement_that_is_none_is_not_published(registry: Registry, instead: str, reason: str) -> None:
    with pytest.raises(OntologyRejected) as refused:
        registry.releases.publish(LOCAL, [model("1.1.0", class_("Press"), property_("force", OLD + instead))])
    assert any(reason in finding and finding.startswith("site.ttl:") for finding in refused.value.details["findings"])


def test_the_command_lists_them_and_ends_well(tmp_path: Path) -> None:
    with opened(tmp_path) as registry:
        store(started(registry), *press(1, 5))
        activated(registry)
    found = json.loads(run_cli("audit", "--json", "--data", tmp_path).stdout)
    assert (found["owed"], found["others"]) == (0, 2)
    assert {kind["shape"] for kind in found["shapes"]} == {DEPRECATED_TERM}
