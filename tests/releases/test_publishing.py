"""Drafts: what is refused with file and line, what is told of a change, and which versions it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.app.core import Registry
from registry.domain.releases.comparison import Fate, Level
from registry.errors import BadInput, OntologyRejected
from registry.ontology.modules import Module, ModuleKind, module_of
from tests.principals import LOCAL
from tests.releases.models import FIRST, NS, SHAPES, SITE, class_, model, opened, property_, put, shape, shapes, started

PRESS, FORCE = class_("Press"), property_("force")
DEPRECATED = "; owl:deprecated true ; dcterms:isReplacedBy :load"


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with opened(tmp_path) as found:
        yield started(found)


CHANGES: dict[str, tuple[list[Module], Level, set[tuple[str, Fate]]]] = {
    "a word for people": (
        [model("1.0.1", PRESS.replace("A press.", "A machine that presses."), FORCE)],
        Level.PATCH,
        {("Press", Fate.CHANGED)},
    ),
    "a new class": (
        [model("1.1.0", PRESS, FORCE, class_("Stamp", ":Press"))],
        Level.MINOR,
        {("Stamp", Fate.ADDED)},
    ),
    "a deprecation": (
        [model("1.1.0", PRESS, property_("force", DEPRECATED), property_("load"))],
        Level.MINOR,
        {("force", Fate.CHANGED), ("load", Fate.ADDED)},
    ),
    "another superclass": (
        [model("2.0.0", class_("Press", "core:System"), FORCE)],
        Level.MAJOR,
        {("Press", Fate.CHANGED)},
    ),
    "a removal": ([model("2.0.0", PRESS), shapes()], Level.MAJOR, {("force", Fate.REMOVED)}),
    "a stricter shape": (
        [model("2.0.0", PRESS, FORCE), shapes(shape("Press", "force", "sh:minCount 1"))],
        Level.MAJOR,
        {("Press-force", Fate.CHANGED)},
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_told_term_by_term_with_the_version_it_asks_for(registry: Registry, what: str) -> None:
    modules, level, terms = CHANGES[what]
    comparison = registry.releases.publish(LOCAL, modules).comparison
    found = {(change.iri.removeprefix(NS).removeprefix(SHAPES), change.fate) for change in comparison.terms}
    assert terms <= found
    assert comparison.level is level


@pytest.mark.parametrize("what", ["a new class", "another superclass", "a removal", "a stricter shape"])
def test_a_version_that_does_not_say_what_changed_is_refused_with_file_and_line(registry: Registry, what: str) -> None:
    modules = CHANGES[what][0]
    content = modules[0].text.decode()
    for version in ("2.0.0", "1.1.0"):
        content = content.replace(version, "1.0.1")
    again = [model("1.0.1", content.partition("skos:definition rdf:type owl:AnnotationProperty .\n")[2]), *modules[1:]]
    with pytest.raises(
        OntologyRejected, match=r"site.ttl:\d+: what changed is (major|minor), so version 1.0.0 becomes"
    ):
        registry.releases.publish(LOCAL, again)
    assert len(registry.ontologies.notes()) == 2


FAULTS = {
    "no definition": (model("1.1.0", PRESS, FORCE, ":Bare rdf:type owl:Class .\n"), r"site.ttl:\d+: .*Bare"),
    "an unknown class in a shape": (shapes(shape("Gone", "force", "sh:maxCount 1")), r"shapes/site.ttl:\d+: .*Gone"),
    "an unknown constraint": (
        shapes(shape("Press", "force", "sh:maxCount 1 ; sh:js :x")), r"shapes/site.ttl:\d+: .*sh:js"),
}  # fmt: skip


@pytest.mark.parametrize("what", FAULTS)
def test_what_is_not_fit_is_refused_with_file_and_line_and_nothing_is_kept(registry: Registry, what: str) -> None:
    module, reason = FAULTS[what]
    with pytest.raises(OntologyRejected) as refused:
        registry.releases.publish(LOCAL, [module])
    assert any(re.search(reason, finding) for finding in refused.value.details["findings"]), refused.value.details
    assert len(registry.ontologies.notes()) == 2


def test_what_a_change_breaks_in_a_file_that_did_not_change_is_refused_too(registry: Registry) -> None:
    other = SITE.replace("model", "other")
    content = model("1.0.0", class_("Forge")).text.decode().replace(SITE, other).replace('"site"', '"other"')
    imports = f"owl:imports <{SITE}> , <https://w3id.org/semantic-twins/core> ;"
    content = content.replace("owl:imports <https://w3id.org/semantic-twins/core> ;", imports)
    using = (
        content
        + f":Hammer rdf:type owl:Class ; rdfs:subClassOf <{NS}Press> ; rdfs:isDefinedBy <{other}> ;\n"
        + ('rdfs:label "hammer"@en ; skos:definition "A hammer."@en .\n')
    )
    put(registry, [module_of("other", using.encode(), ModuleKind.ONTOLOGY)])
    with pytest.raises(OntologyRejected) as refused:
        registry.releases.publish(LOCAL, [model("2.0.0", class_("Stamp"), FORCE), shapes()])
    assert any(re.match(r"other.ttl:\d+: .*Press", finding) for finding in refused.value.details["findings"])


def test_a_module_can_be_left_out_and_a_missing_one_is_named(registry: Registry) -> None:
    with pytest.raises(BadInput, match="no module 'nobody'"):
        registry.releases.publish(LOCAL, [], ["nobody"])
    draft = registry.releases.publish(LOCAL, [], ["site"])
    assert draft.comparison.modules_gone == ("shapes/site.ttl", "site.ttl")
    assert {"Press", "force"} <= set(draft.comparison.names_gone)


def test_nothing_new_is_no_draft(registry: Registry) -> None:
    again = registry.releases.publish(LOCAL, FIRST)
    assert not again.comparison
    assert again.note.digest == registry.ontologies.active().digest
    assert len(registry.ontologies.notes()) == 2


def test_releases_are_named_by_version_or_the_beginning_of_a_digest(registry: Registry) -> None:
    active = registry.ontologies.active()
    assert registry.ontologies.digest_of("active") == active.digest
    assert registry.ontologies.digest_of(active.digest[:6]) == active.digest
    with pytest.raises(BadInput, match="names several releases"):
        registry.ontologies.digest_of(active.version)
    with pytest.raises(BadInput, match="names no release"):
        registry.ontologies.digest_of("abcd")
