"""What a document said that cannot be kept: IRIs relative to nothing, JSON-LD keys without a mapping; where first."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

import pyoxigraph as ox

from registry.errors import SyntaxFault, cut
from registry.rdf.oxigraph import LANGUAGE_TYPES
from registry.rdf.repair import is_language_tag, mended_iri
from registry.rdf.terms import Iri

RELATIVE = "relative IRI, and nothing says what it is relative to"
UNMAPPED = "JSON-LD key without a mapping"
MOST_LOSSES = 1_000
"""So many different terms of a document are listed; further ones are counted together."""

_SCHEME = f"x-{secrets.token_hex(8)}:"
_DEPTH = 8
"""So many steps upwards a relative IRI can be spelled as it was written."""

NOWHERE: Iri = f"{_SCHEME}/{'x/' * _DEPTH}"
"""The base of documents that have none: what is resolved against it has a scheme that nobody can have written."""

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_WAYS_BACK = (
    *((f"{_SCHEME}/{'x/' * (_DEPTH - steps)}", "../" * steps) for steps in range(_DEPTH)),
    (f"{_SCHEME}/", "/"),
    (_SCHEME, ""),
)


@dataclass(frozen=True, slots=True)
class Loss:
    """A term that could not be kept, how often, and where first: the file, the line, the resource it was said of."""

    what: str
    term: str
    count: int
    file: str
    line: int | None
    resource: str


class Losses:
    """Looks at the quads of a document that is read leniently, and tells those that can be kept from those lost."""

    def __init__(self, file: str, what_keys_are: str) -> None:
        self._file = file
        self._what_keys_are = what_keys_are
        self._found: dict[tuple[str, str], Loss] = {}
        self._gone: set[ox.BlankNode] = set()

    def found(self) -> list[Loss]:
        """What is lost, in the order in which it was met."""
        return list(self._found.values())

    def lose(self, quad: ox.Quad, line: int | None) -> bool:
        """Whether a quad cannot be kept, which is noted. A blank node that only hung on a lost key goes with it."""
        subject, predicate, target = quad.subject, quad.predicate, quad.object
        if subject in self._gone:
            if isinstance(target, ox.BlankNode):
                self._gone.add(target)
            return True
        of = _spelled(subject.value) if isinstance(subject, ox.NamedNode) else ""
        if not is_absolute(predicate.value):
            self._note(self._what_keys_are, predicate.value, line, of)
            if self._what_keys_are == UNMAPPED and isinstance(target, ox.BlankNode):
                self._gone.add(target)
            return True
        relative = [iri for iri in _iris(quad) if _is_relative(iri)]
        for iri in relative:
            self._note(RELATIVE, _spelled(iri), line, of)
        return bool(relative)

    def _note(self, what: str, term: str, line: int | None, resource: str) -> None:
        key = (what, cut(term))
        if key not in self._found and len(self._found) >= MOST_LOSSES:
            key = (what, "…")
        before = self._found.get(key)
        first = before or Loss(what, key[1], 0, self._file, line, cut(resource))
        self._found[key] = Loss(what, first.term, first.count + 1, first.file, first.line, first.resource)


def is_absolute(iri: str) -> bool:
    """Whether a text begins with a scheme."""
    return _ABSOLUTE.match(iri) is not None


def refuse_unreadable(quad: ox.Quad) -> None:
    """Raise SyntaxFault for what a strict reader of JSON-LD passes over without a word: what is no IRI or language."""
    for iri in _iris(quad):
        if _is_relative(iri):
            raise SyntaxFault(relative_iri(_spelled(iri)))
        if mended_iri(iri) != iri:
            raise SyntaxFault(f"<{iri[:200]}> is no IRI: lenient reading mends it")
    literal = quad.object
    if not isinstance(literal, ox.Literal):
        return
    if literal.language is not None and not is_language_tag(literal.language):
        raise SyntaxFault(f"{literal.language[:80]!r} is no language tag: lenient reading leaves it out")
    if literal.language is None and literal.datatype.value in LANGUAGE_TYPES:
        raise SyntaxFault(f"{literal.value[:80]!r} has the datatype of a text in a language, and no language")


def relative_iri(iri: str) -> str:
    """The words that refuse a relative IRI; without one, where the parser does not say which."""
    which = f"<{iri[:200]}> is" if iri else "this is"
    return f"{which} a {RELATIVE}: write the whole IRI, or import with a base (--base IRI)"


def _iris(quad: ox.Quad) -> list[str]:
    """The IRIs of a quad's subject, predicate and object, the datatype of a literal for it."""
    target = quad.object
    last = target.datatype if isinstance(target, ox.Literal) else target
    return [term.value for term in (quad.subject, quad.predicate, last) if isinstance(term, ox.NamedNode)]


def _is_relative(iri: str) -> bool:
    return iri.startswith(_SCHEME) or not is_absolute(iri)


def _spelled(iri: str) -> str:
    """An IRI as the document has it, as far as resolving it against NOWHERE can be undone."""
    for start, back in _WAYS_BACK:
        if iri.startswith(start):
            return back + iri.removeprefix(start)
    return iri
