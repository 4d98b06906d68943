"""The style sheet for Neo4j Browser: what a node is called and which colour it has, from the class tree.

Browser lets the rule that stands last win among those of a node's labels, so the sheet goes from the general to the
specific and lists every class: a label without a rule would be added behind them and win.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from registry.neo4j_browser.branches import coloured, general_to_specific, parent
from registry.neo4j_browser.colour import Colour, text_on
from registry.ontology.model import Model
from registry.rdf.terms import Iri
from registry.rdf.vocabulary import BASE, TWIN, TWIN_OF, TWINNED_ENTITY
from registry.stores.graph_vocabulary import INTERNAL_LABELS, NODE_LABEL, Vocabulary

_INK = "#1F2933"
_DOMAIN_CHROMA, _OTHER_CHROMA = 0.13, 0.03
_DESCRIBING = (BASE, "http://www.w3.org/")
"""Vocabularies that say something of things, as ours, SOSA and PROV do: their instances stay pale."""
_BORDER_STEP = 0.14
_MUTED = Colour(0.90, 0.006, 250)


@dataclass(frozen=True, slots=True)
class Look:
    """How nodes of one kind are drawn; lengths in pixels."""

    fill: str
    border: str
    border_width: int
    diameter: int

    def properties(self) -> Mapping[str, str]:
        """As GrASS has them."""
        return {
            "diameter": f"{self.diameter}px",
            "color": self.fill,
            "border-color": self.border,
            "border-width": f"{self.border_width}px",
            "text-color-internal": text_on(self.fill),
        }


_TWIN_LOOK = Look("#FFFFFF", _INK, border_width=4, diameter=55)
"""A ring: no entity has it, in whichever colours they are filled."""


def style_sheet(model: Model, vocabulary: Vocabulary) -> str:
    """The rules as GrASS text: the base of all nodes, every class, and what the registry keeps for itself."""
    rules = [
        _rule("node", {**_look(_MUTED, diameter=40).properties(), "font-size": "10px", "caption": "'{name}'"}),
        _rule("relationship", _relationship("#A5ABB6")),
        _rule(f"relationship.{_escaped(vocabulary.relationship_type(TWIN_OF))}", _relationship(_INK)),
        _rule(f"node.{NODE_LABEL}", {**_look(_MUTED, diameter=40).properties(), "caption": "'{name}'"}),
    ]
    drawn = looks(model)
    for iri in sorted(model.classes, key=lambda iri: general_to_specific(model, iri)):
        properties = {**drawn[iri].properties(), "caption": "'{name}'"}
        rules.append(_rule(f"node.{_escaped(vocabulary.label(iri))}", properties))
    for label, caption in INTERNAL_LABELS.items():
        properties = {**_look(_MUTED, diameter=30).properties(), "caption": f"'{caption}'"}
        rules.append(_rule(f"node.{label}", properties))
    return "\n".join(rules)


def looks(model: Model) -> Mapping[Iri, Look]:
    """How the instances of every class are drawn: what stands in the plant filled, twins as rings, the rest pale."""
    tops = [
        iri for iri in sorted(model.classes) if parent(model, iri) in (None, TWINNED_ENTITY) and iri != TWINNED_ENTITY
    ]
    domain = [iri for iri in tops if parent(model, iri) == TWINNED_ENTITY or _is_of_the_domain(iri)]
    others = [iri for iri in tops if iri not in domain]
    found = {iri: _look(colour, diameter=40) for iri, colour in coloured(model, others, _OTHER_CHROMA).items()}
    found |= {iri: _look(colour, diameter=65) for iri, colour in coloured(model, domain, _DOMAIN_CHROMA).items()}
    found |= dict.fromkeys(model.subclasses(TWIN), _TWIN_LOOK)
    found[TWINNED_ENTITY] = _look(_MUTED, diameter=65)
    return found


def _is_of_the_domain(top: Iri) -> bool:
    # An ontology that does not build on ours has classes worth a colour too, say a building's.
    return not top.startswith(_DESCRIBING)


def _look(colour: Colour, diameter: int) -> Look:
    return Look(colour.hexadecimal(), colour.darker(_BORDER_STEP).hexadecimal(), border_width=2, diameter=diameter)


def _relationship(colour: str) -> Mapping[str, str]:
    return {
        "color": colour,
        "shaft-width": "1px",
        "font-size": "8px",
        "padding": "3px",
        "text-color-external": "#000000",
        "text-color-internal": "#FFFFFF",
        "caption": "'<type>'",
    }


def _rule(selector: str, properties: Mapping[str, str]) -> str:
    return "\n".join([f"{selector} {{", *_lines(properties), "}", ""])


def _lines(properties: Mapping[str, str]) -> Iterator[str]:
    return (f"  {name}: {value};" for name, value in properties.items())


def _escaped(name: str) -> str:
    # A dot in a selector parts labels.
    return name.replace(".", "\\.")
