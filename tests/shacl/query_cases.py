"""Random queries that are joined to where they begin: paths, filters, EXISTS, OPTIONAL, UNION, BIND, sub-selects."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from registry.rdf.vocabulary import RDF_TYPE, RDFS_SUB_CLASS_OF
from tests.shacl.whole import E

P, Q, R = (f"<{E}{name}>" for name in "pqr")
PATHS = [P, P, Q, R, f"^{P}", f"{P}/{Q}", f"{P}|{R}", f"{P}*", f"{Q}+", f"{P}?", f"({P}|{Q})/{R}", f"^({P}/{Q})"]
TYPED = f"<{RDF_TYPE}>/<{RDFS_SUB_CLASS_OF}>*"


class QueryCase:
    """Draws the body of a query; ``known`` are the variables that every solution has bound so far."""

    def __init__(self, random: Random, handed_out: str = "$this") -> None:
        self._random = random
        self._handed_out = handed_out
        self._count = 0

    def body(self, starts: Sequence[str]) -> tuple[str, list[str]]:
        """A group's content, and the variables that are bound after it."""
        known = list(starts)
        parts = [self._triple(known)] if self._random.random() < 0.8 else []
        parts += [self._part(known) for _ in range(self._random.choice([0, 1, 1, 2]))]
        return " ".join(parts), known

    def _new(self) -> str:
        self._count += 1
        return f"?v{self._count}"

    def _triple(self, known: list[str]) -> str:
        subject, path = self._random.choice(known), self._random.choice(PATHS)
        if self._random.random() < 0.15:
            return f"{subject} {TYPED} <{E}{self._random.choice('AB')}> ."
        if self._random.random() < 0.1:
            return f"{subject} ?any{self._count} {self._new()} ."
        target = self._random.choice(known) if self._random.random() < 0.15 else self._new()
        known += [target] if target not in known else []
        return f"{subject} {path} {target} ."

    def _part(self, known: list[str]) -> str:
        one, other = self._random.choice(known), self._random.choice(known)
        inner = [*known]
        match self._random.choice(["triple", "filter", "exists", "not", "not", "optional", "union", "bind", "count"]):
            case "triple":
                return self._triple(known)
            case "filter":
                # Engines agree on these, and a stored blank node, which is an IRI, looks like any other node.
                test = self._random.choice(["isLiteral({0})", "!isLiteral({0})", "!sameTerm({0}, {1})"])
                return f"FILTER({test.format(one, other)})"
            case "exists":
                return f"FILTER EXISTS {{ {self._triple(inner)} {self._triple(inner)} }}"
            case "not":
                return f"FILTER NOT EXISTS {{ {self._triple(inner)} }}"
            case "optional":
                optional = f"OPTIONAL {{ {self._triple(inner)} }}"
                last = inner[-1]
                return optional + (f" FILTER(!BOUND({last}))" if last not in known else "")
            case "union":
                return f"{{ {self._triple(inner)} }} UNION {{ {self._triple([*known])} }}"
            case "bind":
                known.append(self._new())
                return f"BIND({one} AS {known[-1]})"
        number, counted = self._new(), self._new()
        start = self._handed_out.split()[-1]
        # rdflib counts a node that a closure comes back to twice.
        path = self._random.choice(PATHS[:7])
        inner_select = f"SELECT {self._handed_out} (COUNT({counted}) AS {number}) {{ {start} {path} {counted} }}"
        return f"{{ {inner_select} GROUP BY {self._handed_out} }} FILTER({number} > 1)"


def draw_select(random: Random, path: str | None = None) -> str:
    """A SELECT for sh:sparql, of a shape with or without a path."""
    case = QueryCase(random)
    if path is None or random.random() < 0.5:
        body, known = case.body(["$this"])
        value = f" ({known[-1]} AS ?value)" if random.random() < 0.7 and known[-1] != "$this" else ""
        return f"SELECT $this{value} WHERE {{ {body} }}"
    body, _ = case.body(["$this", "?value"])
    return f"SELECT $this ?value WHERE {{ $this $PATH ?value . {body} }}"


def draw_ask(random: Random) -> str:
    """An ASK for a component whose parameter is ``limit``."""
    case = QueryCase(random, "$this $limit $value")
    body, known = case.body(["$value"] if random.random() < 0.6 else ["$this", "$value"])
    return f"ASK {{ {body} FILTER(!sameTerm({known[-1]}, $limit)) }}"
