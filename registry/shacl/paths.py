"""Property paths: read from a shapes graph, turned round, written as text, and walked (SHACL 2.3.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Term
from registry.rdf.vocabulary import RDF_FIRST, SH
from registry.shacl.graph import Graph


@dataclass(frozen=True, slots=True)
class Predicate:
    iri: Iri


@dataclass(frozen=True, slots=True)
class Inverse:
    path: Path


@dataclass(frozen=True, slots=True)
class Chain:
    """A sequence path: one step after the other."""

    steps: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    options: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """``*``, ``+`` or ``?`` of a path."""

    path: Path
    mark: str


Path: TypeAlias = Predicate | Inverse | Chain | Alternative | Repeat
Walk: TypeAlias = Callable[[Graph, Term], Sequence[Term]]

_MARKS = {SH + "zeroOrMorePath": "*", SH + "oneOrMorePath": "+", SH + "zeroOrOnePath": "?"}


def read_path(shapes: MemoryGraph, node: Term) -> Path:
    """The path a node of the shapes graph stands for. Raises ValueError saying what is wrong with it."""
    return _read(shapes, node, frozenset())


def _read(shapes: MemoryGraph, node: Term, above: frozenset[Term]) -> Path:
    if not isinstance(node, str):
        raise ValueError("a path cannot be a literal")
    if node in above:
        raise ValueError("a path cannot contain itself")
    if not node.startswith("_:"):
        return Predicate(node)
    above |= {node}
    if shapes.value(node, RDF_FIRST) is not None:
        return Chain(tuple(_several(shapes, node, above)))
    stated = shapes.outgoing(node)
    found = [key for key in (SH + "inversePath", SH + "alternativePath", *_MARKS) if key in stated]
    if len(found) != 1 or len(stated[found[0]]) != 1:
        raise ValueError("a path needs exactly one of sh:inversePath, sh:alternativePath, sh:zeroOrMorePath, "
                         "sh:oneOrMorePath, sh:zeroOrOnePath, or a list of two or more steps")  # fmt: skip
    key, inner = found[0], stated[found[0]][0]
    if key == SH + "alternativePath":
        return Alternative(tuple(_several(shapes, inner, above)))
    if key == SH + "inversePath":
        return Inverse(_read(shapes, inner, above))
    return Repeat(_read(shapes, inner, above), _MARKS[key])


def _several(shapes: MemoryGraph, head: Term, above: frozenset[Term]) -> list[Path]:
    members = [_read(shapes, member, above) for member in shapes.items(head)]
    if len(members) < 2:
        raise ValueError("a sequence or an alternative needs two or more members")
    return members


def text(path: Path) -> str:
    """The path in SPARQL syntax with full IRIs, as reports show it."""
    match path:
        case Predicate(iri):
            return f"<{iri}>"
        case Inverse(inner):
            return f"^{_grouped(inner)}"
        case Chain(steps):
            return "/".join(_grouped(step) for step in steps)
        case Alternative(options):
            return "|".join(_grouped(option) for option in options)
        case Repeat(inner, mark):
            return f"{_grouped(inner)}{mark}"


def _grouped(path: Path) -> str:
    return text(path) if isinstance(path, Predicate) else f"({text(path)})"


def inverse(path: Path) -> Path:
    """The path that leads back."""
    match path:
        case Predicate():
            return Inverse(path)
        case Inverse(inner):
            return inner
        case Chain(steps):
            return Chain(tuple(inverse(step) for step in reversed(steps)))
        case Alternative(options):
            return Alternative(tuple(inverse(option) for option in options))
        case Repeat(inner, mark):
            return Repeat(inverse(inner), mark)


def walk(path: Path) -> Walk:
    """A function from a graph and a node to the nodes the path reaches, each once."""
    match path:
        case Predicate(iri):
            return lambda graph, node: graph.outgoing(node).get(iri, ()) if type(node) is str else ()
        case Inverse(Predicate(iri)):
            return lambda graph, node: graph.sources(node, iri)
        case Inverse(inner):
            return walk(inverse(inner))
        case Chain(steps):
            return _chain([walk(step) for step in steps])
        case Alternative(options):
            return _alternative([walk(option) for option in options])
        case Repeat(inner, "?"):
            once = walk(inner)
            return lambda graph, node: tuple(dict.fromkeys((node, *once(graph, node))))
        case Repeat(inner, mark):
            return _closure(walk(inner), includes_start=mark == "*")


def _chain(walks: Sequence[Walk]) -> Walk:
    def follow(graph: Graph, node: Term) -> Sequence[Term]:
        reached: Sequence[Term] = (node,)
        for step in walks:
            reached = tuple(dict.fromkeys(target for start in reached for target in step(graph, start)))
            if not reached:
                break
        return reached

    return follow


def _alternative(walks: Sequence[Walk]) -> Walk:
    def follow(graph: Graph, node: Term) -> Sequence[Term]:
        return tuple(dict.fromkeys(target for option in walks for target in option(graph, node)))

    return follow


def _closure(step: Walk, *, includes_start: bool) -> Walk:
    def follow(graph: Graph, node: Term) -> Sequence[Term]:
        seen: dict[Term, None] = {node: None} if includes_start else {}
        waiting = [*step(graph, node)]
        while waiting:
            reached = waiting.pop()
            if reached not in seen:
                seen[reached] = None
                waiting.extend(step(graph, reached))
        return tuple(seen)

    return follow
