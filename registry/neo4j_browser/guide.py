"""The guide for Neo4j Browser: slides with queries that run on the user's own classes and links."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from string import Template

from registry.neo4j_browser.branches import parent
from registry.neo4j_browser.style import looks
from registry.ontology.model import Model, ModelProperty, PropertyKind
from registry.rdf.terms import Iri
from registry.rdf.vocabulary import DIRECT_PART_OF, FEEDS, IN_STATE, IS_FED_BY, PART_OF, TWIN, TWIN_OF, TWINNED_ENTITY
from registry.share import query
from registry.stores.graph_vocabulary import Vocabulary

_PAGE = Path(__file__).parent / "guide.html"
_QUERIES = ("labels", "states", "twins", "neighbours", "feeds", "parts", "named", "changes")
_MOST_LISTED = 200
"""Classes or links on one slide: enough for a plant, and a guide of a very large ontology still opens at once."""


def guide(model: Model, vocabulary: Vocabulary) -> str:
    """The guide as Browser's HTML: one ``slide`` element for a page, ``pre.runnable`` for a query."""
    identifiers = {
        "Twin": quoted(vocabulary.label(TWIN)),
        "twinOf": quoted(vocabulary.relationship_type(TWIN_OF)),
        "inState": quoted(vocabulary.relationship_type(IN_STATE)),
        "feeds": quoted(vocabulary.relationship_type(FEEDS)),
        "isFedBy": quoted(vocabulary.relationship_type(IS_FED_BY)),
        "partOf": quoted(vocabulary.relationship_type(PART_OF)),
        "directPartOf": quoted(vocabulary.relationship_type(DIRECT_PART_OF)),
    }
    queries = {name: escape(Template(query("cypher", f"guide/{name}")).substitute(identifiers)) for name in _QUERIES}
    lists = {"classes": _listed(_classes(model, vocabulary)), "links": _listed(_links(model, vocabulary))}
    return Template(_PAGE.read_text(encoding="utf-8")).substitute(queries | lists)


def quoted(identifier: str) -> str:
    """A label, type or key as Cypher text; a backtick in it is doubled (Cypher manual, "Naming rules")."""
    return "`" + identifier.replace("`", "``") + "`"


def _classes(model: Model, vocabulary: Vocabulary) -> Iterator[str]:
    drawn = looks(model)
    for iri, depth in _tree(model):
        look = drawn[iri]
        swatch = (
            f"display:inline-block;width:1em;height:1em;border-radius:50%;margin:0 .5em 0 {1.5 * depth}em;"
            f"vertical-align:middle;background:{look.fill};border:{look.border_width / 2}px solid {look.border}"
        )
        found = f"MATCH (n:{quoted(vocabulary.label(iri))}) RETURN n LIMIT 50"
        yield f'<span style="{swatch}"></span>{_runnable(found, model.label(iri), model.definition(iri))}'


def _links(model: Model, vocabulary: Vocabulary) -> Iterator[str]:
    links = [p for p in model.properties.values() if p.kind is PropertyKind.OBJECT]

    def place(link: ModelProperty) -> tuple[bool, str]:
        ends = [model.superclasses(end) for end in (*link.domains, *link.ranges)]
        return not any(TWIN in above or TWINNED_ENTITY in above for above in ends), link.label.casefold()

    # What leads to or from twins and what they stand for comes first.
    for link in sorted(links, key=place):
        found = f"MATCH path = ()-[:{quoted(vocabulary.relationship_type(link.iri))}]->() RETURN path LIMIT 100"
        yield _runnable(found, link.label, link.definition)


def _tree(model: Model) -> Iterator[tuple[Iri, int]]:
    """Every class below the one above it, with its depth."""
    children: dict[Iri | None, list[Iri]] = {}
    for iri in sorted(model.classes, key=model.label, reverse=True):
        children.setdefault(parent(model, iri), []).append(iri)
    waiting = [(iri, 0) for iri in sorted(children.get(None, ()), key=lambda top: len(model.subclasses(top)))]
    while waiting:
        iri, depth = waiting.pop()
        yield iri, depth
        waiting += [(below, depth + 1) for below in children.get(iri, ())]


def _runnable(text: str, label: str, definition: str) -> str:
    return f'<a data-populate="{escape(text)}" title="{escape(definition)}">{escape(label)}</a>'


def _listed(items: Iterator[str]) -> str:
    found = list(items)
    rows = [f"<li>{item}</li>" for item in found[:_MOST_LISTED]]
    if len(found) > _MOST_LISTED:
        rows.append(f"<li>… and {len(found) - _MOST_LISTED:,} more</li>")
    return "\n          ".join(rows)
