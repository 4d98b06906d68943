"""The guide: slides that Neo4j Browser accepts, and queries that run, whatever the ontology calls its terms."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from neo4j import GraphDatabase

from registry.neo4j_browser.guide import guide, quoted
from registry.ontology.model import PropertyKind
from registry.rdf.terms import Iri
from registry.stores.neo4j.naming import Names
from registry.stores.neo4j.words import Words
from tests.neo4j.session import server_url
from tests.neo4j.slides import slides_of
from tests.shapes.fixtures import release

WORDS = Words(Names({}), release().names.of_terms)


class HostileWords:
    """Names that would end a quotation, an attribute or an element."""

    def label(self, iri: Iri) -> str:
        return f"`)) DETACH DELETE n //'\"></pre><script>alert(1)</script>{WORDS.label(iri)}"

    relationship_type = property_key = label


def test_every_class_and_link_of_the_model_can_be_clicked() -> None:
    slides = {slide.heading: slide for slide in slides_of(guide(release().model, WORDS))}
    classes = "\n".join(slides["Classes"].queries)
    links = "\n".join(slides["Links"].queries)
    for iri in release().model.classes:
        assert f"(n:`{WORDS.label(iri)}`)" in classes
    for link in release().model.properties.values():
        assert (f"[:`{WORDS.relationship_type(link.iri)}`]" in links) == (link.kind is PropertyKind.OBJECT)
    assert [len(slides[heading].queries) for heading in ("Twins", "Flow and parts", "Find and follow")] == [2, 2, 2]
    assert slides["Links"].queries[0].count("TWIN") + links.index("BASED_ON_TEMPLATE") < links.index("CASCADE")


@pytest.mark.parametrize("words", [WORDS, HostileWords()], ids=["plain", "hostile"])
def test_names_never_become_elements_or_more_than_one_name(words: Words | HostileWords) -> None:
    written = guide(release().model, words)
    assert "<script" not in written
    allowed = {"slide", "div", "h3", "p", "code", "figure", "pre", "ul", "li", "a", "span", "class", "style", "title",
               "data-populate"}  # fmt: skip
    for slide in slides_of(written):
        assert slide.vocabulary <= allowed


@pytest.mark.parametrize(("name", "text"), [("Pump", "`Pump`"), ("a`b", "`a``b`"), ("``", "``````")])
def test_a_name_is_quoted_as_cypher_says(name: str, text: str) -> None:
    assert quoted(name) == text


@pytest.mark.parametrize("words", [lambda: WORDS, HostileWords], ids=["plain", "hostile"])
def test_every_query_runs_on_a_real_server(words: Callable[[], Words | HostileWords]) -> None:
    queries = [query for slide in slides_of(guide(release().model, words())) for query in slide.queries]
    assert len(queries) > 80
    with GraphDatabase.driver(server_url()) as driver, driver.session(database="neo4j") as session:
        for query in queries:
            plan = session.run(f"EXPLAIN {query}").consume()
            assert plan.query_type == "r", query
