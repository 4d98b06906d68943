"""What a check says: one flat record per violation, the same in GraphQL, on the command line and in RDF."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple, TypeAlias

from registry.errors import LONGEST_ECHO, cut
from registry.rdf.languages import wording
from registry.rdf.terms import Iri, Literal, Statement, Term, local_name
from registry.rdf.vocabulary import RDF_LANG_STRING


class Severity(Enum):
    """How binding a shape is: a violation refuses the write, the others store and tell (SHACL 2.1.4)."""

    VIOLATION = "Violation"
    WARNING = "Warning"
    INFO = "Info"
    CUSTOM = "Custom"
    """A severity of the shapes' own; nobody says that it is harmless, so it refuses like a violation."""

    @property
    def refuses(self) -> bool:
        """Whether a write that brings such a result is refused."""
        return self in (Severity.VIOLATION, Severity.CUSTOM)


class Demand(NamedTuple):
    """One thing that a shape asks for: a component, or sh:defaultValue, with its parameter's terms as stated."""

    component: Iri
    given: tuple[Term, ...]


class Labels(NamedTuple):
    """How people call what a violation is about, in each language that is known; none where nobody says."""

    focus: tuple[Literal, ...] = ()
    path: tuple[Literal, ...] = ()
    value: tuple[Literal, ...] = ()


class Patch(NamedTuple):
    """What a fix leaves of the properties that it touches: the arguments of a patch of the resource.

    Properties are given by short names. One with several values stands in ``set`` once for each.
    """

    iri: Iri
    set: tuple[tuple[str, Term], ...] = ()
    unset: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fix:
    """Statements that, removed from and added to the refused change, satisfy the shape and break no other.

    ``patches`` says the same as values that properties are to have. ``names`` are the predicates' short names.
    """

    remove: tuple[Statement, ...] = ()
    add: tuple[Statement, ...] = ()
    patches: tuple[Patch, ...] = ()
    names: Mapping[Iri, str] = field(default_factory=dict)

    @property
    def holds_large(self) -> bool:
        """Whether some value in it is too large to be repeated."""
        stated = [term for statement in (*self.remove, *self.add) for term in statement]
        stated += [value for patch in self.patches for _, value in patch.set]
        return any(len(term.lexical if isinstance(term, Literal) else term) > LONGEST_ECHO for term in stated)

    def as_json(self) -> dict[str, Any]:
        """The fix as JSON values, spelt as the GraphQL API spells statements and properties."""
        return {
            "remove": [self._statement(statement) for statement in self.remove],
            "add": [self._statement(statement) for statement in self.add],
            "patches": [
                {"iri": patch.iri, "set": [_setting(*given) for given in patch.set], "unset": list(patch.unset)}
                for patch in self.patches
            ],
        }

    def _statement(self, statement: Statement) -> dict[str, Any]:
        subject, predicate, target = statement
        literal = target if isinstance(target, Literal) else None
        return {
            "subject": subject,
            "predicate": predicate,
            "name": self.names.get(predicate, predicate),
            "object": literal.lexical if literal else target,
            "datatype": literal.datatype if literal else None,
            "language": literal.language or None if literal else None,
        }


Key: TypeAlias = tuple[Term, str, Term | None, Iri, Iri, Iri | None]
"""What makes two violations the same fault: focus, path, value, component, shape, and the constraint's own node."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One result of one constraint at one focus node.

    ``path`` is text in SPARQL path syntax with full IRIs in angle brackets, empty for a node shape's own
    constraint. ``component`` is the IRI of the constraint component. ``shape`` is the IRI of the nearest
    named shape, never a blank node. ``message`` says what to do; ``wordings`` are the shape's own messages in all
    their languages, none where the message was made from the constraint. ``demands`` is what the shape asks for.
    ``constraint`` is the constraint's own node, for SPARQL-based ones, which a shape can have several of; it may be a
    blank one, which nobody is shown.

    ``command`` is the place, from 0, of the command that brought it, where several were applied as one.
    ``labels``, ``suggestion`` and ``fix`` come once the violation was explained: `registry.domain.reports.explanation`.
    """

    focus: Term
    path: str
    value: Term | None
    message: str
    severity: Severity
    component: Iri
    shape: Iri
    suggestion: str | None = None
    custom_severity: Iri | None = None
    wordings: tuple[Literal, ...] = ()
    constraint: Iri | None = None
    labels: Labels = field(default=Labels(), compare=False)
    fix: Fix | None = field(default=None, compare=False)
    command: int | None = field(default=None, compare=False)
    demands: tuple[Demand, ...] = field(default=(), repr=False, compare=False)

    def as_json(self, languages: Sequence[str] = ()) -> dict[str, Any]:
        """The record as JSON values, in the first of the languages that there are words in, or else in English.

        A literal value is its lexical form. Advice made from a constraint, and a suggestion, are always English.
        Texts are cut: what is wrong with a value of a megabyte can be said without it. A fix that would hold one is
        left out, since it is there to be handed back as it is.
        """
        fix = None if self.fix is None or self.fix.holds_large else self.fix.as_json()
        return {
            "focus": _cut(_plain(self.focus)),
            "focusLabel": _cut(_label(self.focus, self.labels.focus, languages)),
            "path": cut(self.path),
            "pathLabel": cut(wording(self.labels.path, languages) or readable(self.path)),
            "value": _cut(_plain(self.value)),
            "valueLabel": _cut(_label(self.value, self.labels.value, languages)),
            "message": cut(self.told(languages)),
            "severity": self.severity.value,
            "component": self.component,
            "shape": self.shape,
            "command": self.command,
            "suggestion": _cut(self.suggestion),
            "fix": fix,
        }

    def told(self, languages: Iterable[str] = ()) -> str:
        """The message in the first of the languages that the shape speaks."""
        return wording(self.wordings, languages) or self.message

    def given(self, component: Iri) -> list[Term]:
        """What the shape asks for by one component."""
        return [term for demand in self.demands if demand.component == component for term in demand.given]

    def key(self) -> Key:
        """What makes two violations the same fault, whatever their wording."""
        return (self.focus, self.path, self.value, self.component, self.shape, self.constraint)


_IRI = re.compile(r"<([^<>]*)>")
_JOINTS = re.compile(r"(?<=[>)*+?])[/|](?=[<(^])")


def readable(path: str, names: Mapping[Iri, str] | None = None) -> str:
    """The text of a path with names for its IRIs, such as ``located in / ^part of``; local names for the others."""
    known = names or {}
    spaced = _JOINTS.sub(lambda joint: f" {joint[0]} ", path)
    return _IRI.sub(lambda found: known.get(found[1]) or local_name(found[1]), spaced)


def predicates_of(path: str) -> list[Iri]:
    """The predicates that the text of a path names, each once."""
    return list(dict.fromkeys(_IRI.findall(path)))


def _cut(text: str | None) -> str | None:
    return None if text is None else cut(text)


def _plain(term: Term | None) -> str | None:
    return term.lexical if isinstance(term, Literal) else term


def _label(term: Term | None, labels: Sequence[Literal], languages: Sequence[str]) -> str | None:
    if term is None or isinstance(term, Literal):
        return _plain(term)
    return wording(labels, languages) or local_name(term)


def _setting(name: str, value: Term) -> dict[str, Any]:
    """A property and its value as the input of a mutation spells them; what does not apply is null."""
    literal = value if isinstance(value, Literal) else None
    has_language = literal is not None and literal.datatype == RDF_LANG_STRING
    return {
        "property": name,
        "value": literal.lexical if literal else None,
        "iri": None if literal else value,
        "datatype": literal.datatype if literal and not has_language else None,
        "language": literal.language if literal and has_language else None,
    }
