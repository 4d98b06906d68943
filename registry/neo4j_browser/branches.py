"""The class tree as colours: a branch has a share of the colour circle, and its branches have shares of that.

The way of "Tree Colors: Color Schemes for Tree-Structured Data" (Tennekes and de Jonge, 2014): what is near in the tree
is near in colour, and every class differs from its siblings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from registry.neo4j_browser.colour import Colour
from registry.ontology.model import Model
from registry.rdf.terms import Iri
from registry.rdf.vocabulary import TWINNED_ENTITY

FIRST_HUE = 250.0
"""Blue; the circle is walked from here."""
_GAP = 0.15
"""Share of a range that stays unused between branches, so that neighbours of two branches are told apart."""
_WEIGHT = 0.75
"""A large branch needs more room than a small one, yet a small one must still be told apart."""
_LIGHTEST, _DARKEST, _LIGHTNESS_STEP = 0.86, 0.70, 0.05


@dataclass(frozen=True, slots=True)
class Arc:
    """A part of the colour circle, in degrees."""

    start: float
    end: float

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2 % 360


def parent(model: Model, iri: Iri) -> Iri | None:
    """The one class above; of several one that can have twins, then the most specific. A circle of classes has none."""
    own = len(model.superclasses(iri))
    above = [c for c in model.classes[iri].parents if c in model.classes and len(model.superclasses(c)) < own]
    return max(
        above, key=lambda c: (TWINNED_ENTITY in model.superclasses(c), general_to_specific(model, c)), default=None
    )


def general_to_specific(model: Model, iri: Iri) -> tuple[int, Iri]:
    """A sort key that puts every class behind all that are above it."""
    return len(model.superclasses(iri)), iri


def coloured(model: Model, top: Sequence[Iri], chroma: float) -> Mapping[Iri, Colour]:
    """A colour for every class of the branches that begin at ``top``, the darker the more specific it is."""
    children = _children(model)
    sizes = _sizes(model, children)
    found: dict[Iri, Colour] = {}
    # Not recursive: an ontology may be deeper than Python's stack.
    waiting = [(tuple(top), Arc(FIRST_HUE, FIRST_HUE + 360), _LIGHTEST)]
    while waiting:
        siblings, arc, lightness = waiting.pop()
        for iri, own in zip(siblings, _shares(arc, [sizes[iri] for iri in siblings]), strict=True):
            found[iri] = Colour(lightness, chroma, own.middle)
            waiting.append((tuple(children.get(iri, ())), own, max(_DARKEST, lightness - _LIGHTNESS_STEP)))
    return found


def _children(model: Model) -> Mapping[Iri, Sequence[Iri]]:
    children: dict[Iri, list[Iri]] = {}
    for iri in sorted(model.classes):
        above = parent(model, iri)
        if above is not None:
            children.setdefault(above, []).append(iri)
    return children


def _sizes(model: Model, children: Mapping[Iri, Sequence[Iri]]) -> Mapping[Iri, int]:
    sizes: dict[Iri, int] = {}
    for iri in sorted(model.classes, key=lambda iri: general_to_specific(model, iri), reverse=True):
        sizes[iri] = 1 + sum(sizes[below] for below in children.get(iri, ()))
    return sizes


def _shares(arc: Arc, sizes: Sequence[int]) -> Iterator[Arc]:
    weights = [size**_WEIGHT for size in sizes]
    degrees = (arc.end - arc.start) / sum(weights) if weights else 0.0
    start = arc.start
    for weight in weights:
        end = start + degrees * weight
        margin = (end - start) * _GAP / 2
        yield Arc(start + margin, end - margin)
        start = end
