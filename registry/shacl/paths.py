"""Property paths: read from a shapes graph or from text, turned round, written down, and walked (SHACL 2.3.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Term, is_blank
from registry.rdf.vocabulary import RDF_FIRST, RDF_NIL, SH
from registry.shacl import budget
from registry.shacl.graph import Graph


@dataclass(frozen=True, slots=True)
class Predicate:
    """One step along a predicate."""

    iri: Iri


@dataclass(frozen=True, slots=True)
class Inverse:
    """``^``: a path walked from its end."""

    path: Path


@dataclass(frozen=True, slots=True)
class Chain:
    """``/``: one step after the other."""

    steps: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """``|``: any of several ways."""

    options: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """``*``, ``+`` or ``?`` of a path."""

    path: Path
    mark: str


Path: TypeAlias = Predicate | Inverse | Chain | Alternative | Repeat
Walk: TypeAlias = Callable[[Graph, Term], Sequence[Term]]

MARKS = {SH + "zeroOrMorePath": "*", SH + "oneOrMorePath": "+", SH + "zeroOrOnePath": "?"}

DEEPEST = 50


def read_path(shapes: MemoryGraph, node: Term) -> Path:
    """The path that a node of a shapes graph stands for. Raises ValueError saying what is wrong with it."""
    return _read(shapes, node, frozenset())


def _read(shapes: MemoryGraph, node: Term, above: frozenset[Term]) -> Path:
    if not isinstance(node, str):
        raise ValueError("a path cannot be a literal")
    if node in above:
        raise ValueError("a path cannot contain itself")
    if len(above) == DEEPEST:
        raise ValueError(f"a path cannot have more than {DEEPEST} paths within each other")
    if node == RDF_NIL:
        raise ValueError("a path cannot be an empty list")
    if not is_blank(node):
        return Predicate(node)
    above |= {node}
    if shapes.value(node, RDF_FIRST) is not None:
        return Chain(_several(shapes, node, above))
    stated = shapes.outgoing(node)
    kinds = [kind for kind in (SH + "inversePath", SH + "alternativePath", *MARKS) if kind in stated]
    if len(kinds) != 1 or len(stated[kinds[0]]) != 1:
        raise ValueError("a path is a predicate, a list, or exactly one of sh:inversePath, sh:alternativePath, "
                         "sh:zeroOrMorePath, sh:oneOrMorePath and sh:zeroOrOnePath")  # fmt: skip
    kind, inner = kinds[0], stated[kinds[0]][0]
    if kind == SH + "alternativePath":
        return Alternative(_several(shapes, inner, above))
    if kind == SH + "inversePath":
        return Inverse(_read(shapes, inner, above))
    return Repeat(_read(shapes, inner, above), MARKS[kind])


def _several(shapes: MemoryGraph, head: Term, above: frozenset[Term]) -> tuple[Path, ...]:
    members = tuple(_read(shapes, member, above) for member in shapes.items(head))
    if len(members) < 2:
        raise ValueError("a sequence path or an alternative path needs two or more members")
    return members


def text(path: Path) -> str:
    """The path in SPARQL syntax with full IRIs, as reports show it."""
    match path:
        case Predicate(iri):
            return f"<{iri}>"
        case Inverse(inner):
            return "^" + _part(inner, _binding(path))
        case Chain(steps):
            return "/".join(_part(step, _binding(path)) for step in steps)
        case Alternative(options):
            return "|".join(_part(option, _binding(path)) for option in options)
        case Repeat(inner, mark):
            return _part(inner, _binding(path)) + mark


def _part(path: Path, binding: int) -> str:
    return text(path) if _binding(path) > binding else f"({text(path)})"


def _binding(path: Path) -> int:
    """How tightly the path's own operator binds in SPARQL (section 9.1)."""
    return (Alternative, Chain, Inverse, Repeat, Predicate).index(type(path))


_IRI = re.compile(r"<([^<>]*)>")


def path_of(text: str) -> Path:
    """The path that `text` wrote down: the way from a violation back to RDF. Raises ValueError for anything else."""
    return _PathText(text).read()


class _PathText:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def read(self) -> Path:
        path = self._alternative()
        return path if self._at == len(self._text) else self._fail()

    def _fail(self) -> NoReturn:
        raise ValueError(f"no property path at {self._at} of {self._text!r}")

    def _take(self, marks: str) -> str:
        found = self._text[self._at : self._at + 1]
        if not found or found not in marks:
            return ""
        self._at += 1
        return found

    def _alternative(self) -> Path:
        options = [self._chain()]
        while self._take("|"):
            options.append(self._chain())
        return options[0] if len(options) == 1 else Alternative(tuple(options))

    def _chain(self) -> Path:
        steps = [self._step()]
        while self._take("/"):
            steps.append(self._step())
        return steps[0] if len(steps) == 1 else Chain(tuple(steps))

    def _step(self) -> Path:
        if self._take("^"):
            return Inverse(self._repeat())
        return self._repeat()

    def _repeat(self) -> Path:
        path = self._primary()
        while mark := self._take("*+?"):
            path = Repeat(path, mark)
        return path

    def _primary(self) -> Path:
        if self._take("("):
            path = self._alternative()
            return path if self._take(")") else self._fail()
        found = _IRI.match(self._text, self._at)
        if found is None:
            self._fail()
        self._at = found.end()
        return Predicate(found[1])


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


def mentions(path: Path, predicate: Iri) -> bool:
    """Whether a path has steps of a predicate."""
    match path:
        case Predicate(iri):
            return iri == predicate
        case Inverse(inner) | Repeat(inner, _):
            return mentions(inner, predicate)
        case Chain(parts) | Alternative(parts):
            return any(mentions(part, predicate) for part in parts)


def walk(path: Path) -> Walk:
    """A function from a graph and a node to the nodes that the path reaches, each once."""
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
            return _closure(walk(inner), mark)


def _chain(walks: Sequence[Walk]) -> Walk:
    def follow(graph: Graph, node: Term) -> Sequence[Term]:
        reached: Sequence[Term] = (node,)
        for step in walks:
            if len(reached) == 1:
                # A step gives each of its ends once; only those of several starts can be the same.
                reached = step(graph, reached[0])
            else:
                budget.spend(len(reached))
                reached = tuple(dict.fromkeys(target for start in reached for target in step(graph, start)))
            if not reached:
                break
        return reached

    return follow


def _alternative(walks: Sequence[Walk]) -> Walk:
    def follow(graph: Graph, node: Term) -> Sequence[Term]:
        return tuple(dict.fromkeys(target for option in walks for target in option(graph, node)))

    return follow


def _closure(step: Walk, mark: str) -> Walk:
    def follow(graph: Graph, node: Term) -> Sequence[Term]:
        seen: dict[Term, None] = {node: None} if mark == "*" else {}
        waiting = [*step(graph, node)]
        while waiting:
            reached = waiting.pop()
            if reached not in seen:
                seen[reached] = None
                further = step(graph, reached)
                budget.spend(1 + len(further))
                waiting.extend(further)
        return tuple(seen)

    return follow
