"""A lifecycle as a picture: states as boxes, transitions as arrows with their triggers, in SVG."""

from __future__ import annotations

from html import escape
from itertools import pairwise

from registry.domain.lifecycle import Machine, State
from registry.services.documentation.layering import Link, Placed, place

_BOX_HEIGHT = 34.0
_WORDS_HEIGHT = 26.0
_LETTER = 7.2
"""The mean width of a letter at 13 pixels; a bit too wide is better than words that touch."""

_MARGIN = 26.0
_ROOM = 18.0


def draw(machine: Machine, prefix: str) -> str:
    """The machine as an ``<svg>`` element. ``prefix`` begins the ids in it, so that a page can hold several."""
    triggers: dict[tuple[str, str], list[str]] = {}
    for transition in machine.transitions:
        for source in sorted(transition.sources):
            triggers.setdefault((source, transition.target), []).append(transition.trigger)
    links = {Link(a, b, _LETTER * len(", ".join(names))): names for (a, b), names in triggers.items() if a != b}
    widths = {iri: max(64.0, _LETTER * len(state.label) + 28) for iri, state in machine.states.items()}
    placed = place(machine.initial.iri, widths, list(links))
    height = _heights(placed)
    parts = [_arrow(placed, height, link, names, prefix) for link, names in links.items()]
    for iri, state in machine.states.items():
        own = triggers.get((iri, iri), [])
        parts.append(_box(state, placed.middle[iri], height[iri], widths[iri], own))
    parts.append(_start(placed.middle[machine.initial.iri], height[machine.initial.iri]))
    right = max(placed.middle[iri] + width / 2 for iri, width in {**widths, **_words(placed)}.items())
    size = (right + 2 * _MARGIN, max(height.values()) + _BOX_HEIGHT / 2 + 2 * _MARGIN)
    label = escape(f"{machine.label}: {len(machine.states)} states, {len(machine.transitions)} transitions", quote=True)
    return (
        f'<svg class="machine" role="img" aria-label="{label}" width="{size[0]:.0f}" height="{size[1]:.0f}" '
        f'viewBox="{-_MARGIN:.0f} {-_MARGIN:.0f} {size[0]:.0f} {size[1]:.0f}"><defs><marker id="{prefix}-tip" '
        'viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse">'
        f'<path d="M0 0L8 4L0 8z"/></marker></defs>{"".join(parts)}</svg>'
    )


def _words(placed: Placed) -> dict[str, float]:
    return {name: link.width for link, name in placed.words.items()}


def _heights(placed: Placed) -> dict[str, float]:
    """The middle of every name from top to bottom: boxes on even rows, words between them."""
    found: dict[str, float] = {}
    top = 0.0
    for number, row in enumerate(placed.rows):
        tall = _WORDS_HEIGHT if number % 2 else _BOX_HEIGHT
        found |= dict.fromkeys(row, top + tall / 2)
        top += tall + _ROOM
    return found


def _box(state: State, x: float, y: float, width: float, own: list[str]) -> str:
    kind = "live" if state.is_live else "end" if state.is_terminal else "start" if state.is_initial else "other"
    itself = (
        f'<text class="trigger" x="{x:.1f}" y="{y + _BOX_HEIGHT:.1f}">↻ {escape(", ".join(own))}</text>' if own else ""
    )
    return (
        f'<g class="state {kind}"><title>{escape(state.definition)}</title>'
        f'<rect x="{x - width / 2:.1f}" y="{y - _BOX_HEIGHT / 2:.1f}" '
        f'width="{width:.1f}" height="{_BOX_HEIGHT}" rx="8"/>'
        f'<text x="{x:.1f}" y="{y + 4.5:.1f}">{escape(state.label)}</text></g>{itself}'
    )


def _start(x: float, y: float) -> str:
    return f'<circle class="begin" cx="{x:.1f}" cy="{y - _BOX_HEIGHT / 2 - 12:.1f}" r="5"/>'


def _arrow(placed: Placed, height: dict[str, float], link: Link, names: list[str], prefix: str) -> str:
    way = placed.ways[link]
    down = height[way[-1]] > height[way[0]]
    half = _BOX_HEIGHT / 2 if down else -_BOX_HEIGHT / 2
    points = [(placed.middle[name], height[name]) for name in way]
    # Arrows leave and reach a box apart from each other, on the side that their way lies.
    points[0] = (points[0][0] + _aside(points[1][0] - points[0][0]), points[0][1] + half)
    points[-1] = (points[-1][0] + _aside(points[-2][0] - points[-1][0]), points[-1][1] - half)
    curve = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x, y), (to_x, to_y) in pairwise(points):
        bend = (y + to_y) / 2
        curve += f"C{x:.1f} {bend:.1f} {to_x:.1f} {bend:.1f} {to_x:.1f} {to_y:.1f}"
    x, y = placed.middle[placed.words[link]], height[placed.words[link]]
    return (
        f'<path class="arrow" d="{curve}" marker-end="url(#{prefix}-tip)"/>'
        f'<text class="trigger" x="{x:.1f}" y="{y + 4:.1f}">{escape(", ".join(names))}</text>'
    )


def _aside(distance: float) -> float:
    return max(-22.0, min(22.0, distance / 6))
