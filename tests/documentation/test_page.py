"""The page names every term, every demand in words, and every lifecycle; it loads and runs nothing."""

from __future__ import annotations

import html
import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import httpx

from registry.domain.releases.release import Release, compile_release
from registry.ontology.modules import ModuleKind, load_modules, module_of
from registry.rdf.vocabulary import RDF_TYPE, SH
from registry.services.documentation import document
from tests.endtoend.browser import browser_page
from tests.endtoend.serving import ServingRegistry, run_cli
from tests.releases.models import FIRST, class_, model, opened, property_, put, started


@cache
def release() -> Release:
    return compile_release(load_modules(""))


class Elements(HTMLParser):
    """The ids, the links within the page, the tags and whatever would load something."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.loaded: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        said = dict(attributes)
        self.ids += [value for name, value in attributes if name == "id" and value]
        href = said.get("href") or ""
        if href.startswith("#"):
            self.links.add(href[1:])
        elif (href and not href.startswith("data:")) or said.get("src") or tag in ("script", "iframe", "img"):
            self.loaded.append(tag)


def words(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def entry(page: str, anchor: str) -> str:
    found = re.search(rf'<article id="{re.escape(anchor)}">(.*?)</article>', page, re.DOTALL)
    assert found, anchor
    return re.sub(r" ([,.)])", r"\1", words(found[1]))


def test_every_term_of_ours_has_an_entry_and_every_link_leads_to_one() -> None:
    page = document(release())
    found = Elements(page)
    assert len(found.ids) == len(set(found.ids))
    assert found.links <= set(found.ids)
    assert found.loaded == []
    told = words(page)
    model = release().model
    for iri in (*model.classes, *model.properties):
        if model.owns(iri):
            assert model.definition(iri) in told, iri
    for machine in release().machines.values():
        for transition in machine.transitions:
            assert transition.definition in told


def test_every_message_of_every_shape_is_told() -> None:
    told = words(document(release()))
    for module in release().modules:
        if module.kind is ModuleKind.SHAPES:
            kinds = {s for s, p, kind in module.statements if p == RDF_TYPE and kind == SH + "PropertyShape"}
            for subject, predicate, target in module.statements:
                if subject in kinds and predicate == SH + "message":
                    assert getattr(target, "lexical", "") in told, subject


def test_demands_are_in_words() -> None:
    page = document(release())
    version = entry(page, "shapes-models-ModelVersion")
    assert "Asked of every model version." in version
    assert "version of exactly 1, model definition required" in version
    assert "version number exactly 1, text, of the form ^[0-9]+" in version
    assert "Asked on commission." in entry(page, "shapes-lifecycle-CommissionedTwin")
    assert "twin of → located in or direct part of or part of at least 1 required" in entry(
        page, "shapes-lifecycle-CommissionedTwin"
    )
    assert "at most 1, text, unlike that of any other asset" in entry(page, "shapes-plant-Asset")
    assert "at most 1, a decimal number, at least -90.0, at most 90.0" in entry(page, "shapes-core-Entity")
    assert "label at least 1, one for each language, at least 1 character recommended" in entry(
        page, "shapes-core-Entity"
    )
    assert "exactly 1, a point in time" in entry(page, "shapes-lifecycle-TransitionRecord")
    assert "Nothing else may be said." in entry(page, "shapes-lifecycle-TransitionRecord")
    assert "has data point of others at most 1 required" in entry(page, "shapes-telemetry-DataPoint").replace(
        "data points", "data point"
    )


def test_a_name_that_is_html_stays_a_name() -> None:
    text = b"""@prefix : <urn:x:o#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<urn:x:o> a owl:Ontology . :A a owl:Class ; rdfs:label "<script>alert(1)</script>"@en ; skos:definition "a < b & c"@en ;
  rdfs:subClassOf :A ."""
    page = document(compile_release([*load_modules(""), module_of("odd", text, ModuleKind.ONTOLOGY)]))
    assert "<script" not in page
    assert "a &lt; b &amp; c" in page


def test_the_command_writes_what_the_registry_serves(tmp_path: Path) -> None:
    run_cli("ontology", "docs", "-o", tmp_path / "deep" / "model")
    written = (tmp_path / "deep" / "model" / "index.html").read_text(encoding="utf-8")
    with ServingRegistry(tmp_path / "serving") as registry:
        answer = httpx.get(f"{registry.address}/ontology", headers={"accept": "text/html"})
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.text == written
        again = httpx.get(f"{registry.address}/ontology", headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304


def test_a_past_release_has_its_page_too(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with opened(data) as found:
        first = started(found).ontologies.active().digest
        second = put(found, [model("1.1.0", class_("Press"), property_("force"), class_("Anvil")), FIRST[1]])
    pages = {}
    for name in (first, second, None):
        chosen = ("--release", name[:12]) if name else ()
        told = run_cli("ontology", "docs", "-o", tmp_path / "m", *chosen, "--data", data, "--json").stdout
        assert json.loads(told)["digest"] == (name or second)
        pages[name] = (tmp_path / "m" / "index.html").read_text(encoding="utf-8")
    assert [">anvil<" in pages[name] or ">anvil " in pages[name] for name in (first, second)] == [False, True]
    assert pages[None] == pages[second]
    with ServingRegistry(data) as registry:
        for name in (first, second):
            assert httpx.get(f"{registry.address}/ontology?release={name[:12]}").text == pages[name]
        assert httpx.get(f"{registry.address}/ontology").text == pages[second]
        assert httpx.get(f"{registry.address}/ontology?release=beef").status_code == 400
    run_cli("ontology", "docs", "--release", "beef", "--data", data, check=2)
    run_cli("ontology", "docs", "--release", first, "--model", tmp_path, "--data", data, check=2)


def test_a_browser_shows_the_tree_and_the_lifecycles(tmp_path: Path) -> None:
    boxes = "[...document.querySelectorAll('svg')].map(s => s.querySelectorAll('.state').length)"
    link = "[...document.querySelectorAll('nav a')].find(a => a.textContent == 'Ontology')"
    overlaps = """(() => { const bad = []; for (const svg of document.querySelectorAll('svg')) {
        const boxes = [...svg.querySelectorAll('.state rect, .trigger')].map(e => [e, e.getBoundingClientRect()]);
        for (const [one, a] of boxes) for (const [other, b] of boxes) if (one !== other &&
            a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) bad.push(one.textContent);
        } return bad; })()"""
    with ServingRegistry(tmp_path) as registry, browser_page(f"{registry.address}/") as page:
        page.wait_for(f"!!{link}")
        page.evaluate(f"{link}.click()")
        page.wait_for("document.querySelectorAll('svg.machine').length == 3")
        assert page.evaluate("location.pathname") == "/ontology"
        assert sorted(page.evaluate(boxes)) == [5, 6, 11]
        assert page.evaluate(overlaps) == []
        tree = "[...document.querySelectorAll('aside summary a')].find(a => a.textContent == 'managed resource')"
        assert page.evaluate(f"{tree}.closest('li').querySelectorAll('li').length") > 15
        page.click("[...document.querySelectorAll('aside a')].find(a => a.textContent == 'twin aggregate')")
        page.wait_for("document.querySelector('article:target')?.textContent.includes('composed of other twins')")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.faults == []
