"""Reading and writing RDF documents: faults with file and line, repairs only where they were asked for."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import islice
from typing import IO, cast

import pyoxigraph as ox

from registry.errors import BadInput, SyntaxFault
from registry.rdf.oxigraph import from_oxigraph, triple
from registry.rdf.terms import Iri, Literal, Statement, Term
from registry.rdf.vocabulary import SKOLEM


class Syntax(Enum):
    """A concrete syntax of RDF: its name, media type, file suffix and pyoxigraph's word for it."""

    TURTLE = ("turtle", "text/turtle", "ttl", ox.RdfFormat.TURTLE)
    TRIG = ("trig", "application/trig", "trig", ox.RdfFormat.TRIG)
    N_TRIPLES = ("ntriples", "application/n-triples", "nt", ox.RdfFormat.N_TRIPLES)
    N_QUADS = ("nquads", "application/n-quads", "nq", ox.RdfFormat.N_QUADS)
    JSON_LD = ("jsonld", "application/ld+json", "jsonld", ox.RdfFormat.JSON_LD)
    RDF_XML = ("rdfxml", "application/rdf+xml", "rdf", ox.RdfFormat.RDF_XML)

    def __init__(self, label: str, media_type: str, suffix: str, oxigraph: ox.RdfFormat) -> None:
        self.label = label
        self.media_type = media_type
        self.suffix = suffix
        self.oxigraph = oxigraph


_ALIASES = {"owl": Syntax.RDF_XML, "xml": Syntax.RDF_XML, "json": Syntax.JSON_LD, "json-ld": Syntax.JSON_LD}


def syntax_of(name: str) -> Syntax:
    """The syntax for a name, a media type, a suffix or a file name. Raises BadInput naming the known ones."""
    word = name.lower().split(";")[0].strip()
    suffix = word.rpartition(".")[2]
    for syntax in Syntax:
        if word in (syntax.label, syntax.media_type) or suffix == syntax.suffix:
            return syntax
    if suffix in _ALIASES:
        return _ALIASES[suffix]
    known = ", ".join(f"{syntax.label} (.{syntax.suffix})" for syntax in Syntax)
    raise BadInput(f"{name!r} does not tell an RDF syntax; known are {known}", argument="format")


class Leniency(Enum):
    """What happens to what a strict parser refuses: refuse it too, or repair it and say so."""

    STRICT = "strict"
    LENIENT = "lenient"


@dataclass(frozen=True, slots=True)
class Repair:
    """Something a document said that was stored differently."""

    what: str
    before: str
    after: str


@dataclass
class Parsed:
    """A document being read. ``prefixes`` and ``repairs`` fill while ``statements`` is consumed."""

    statements: Iterator[Statement] = field(default_factory=lambda: iter(()))
    prefixes: dict[str, Iri] = field(default_factory=dict)
    repairs: list[Repair] = field(default_factory=list)


def parse(
    data: bytes | IO[bytes],
    syntax: Syntax,
    *,
    file: str = "",
    base: Iri | None = None,
    leniency: Leniency = Leniency.STRICT,
) -> Parsed:
    """Read a document as a stream of statements; blank nodes are ``_:label``.

    Raises SyntaxFault with file, line and reason, at once or while ``statements`` is consumed. Named graphs are
    refused, or merged into the default graph where leniency allows it, because the registry keeps statements only.
    """
    parsed = Parsed()
    parsed.statements = _statements(parsed, data, syntax, file, base, leniency)
    return parsed


def _statements(
    parsed: Parsed, data: bytes | IO[bytes], syntax: Syntax, file: str, base: Iri | None, leniency: Leniency
) -> Iterator[Statement]:
    lenient = leniency is Leniency.LENIENT
    repairing = _Repairing(parsed.repairs) if lenient else None
    merged: set[str] = set()
    source = _without_mark(data)
    count = 0
    try:
        parser = ox.parse(source, format=syntax.oxigraph, base_iri=base, lenient=lenient)
        for quad in parser:
            count += 1
            if not isinstance(quad.graph_name, ox.DefaultGraph):
                _merge(quad.graph_name.value, merged, repairing)
            if isinstance(quad.object, ox.Triple):
                raise SyntaxFault("triple terms (RDF 1.2) are not kept: use a core:Relationship")
            statement = (from_oxigraph(quad.subject), quad.predicate.value, from_oxigraph(quad.object))
            yield statement if repairing is None else repairing.statement(statement)  # type: ignore[misc, arg-type]
        parsed.prefixes.update(parser.prefixes)
    except SyntaxFault as fault:
        raise SyntaxFault(fault.details["reason"], file, _line(source, syntax, base, count)) from fault
    except SyntaxError as error:
        line = error.lineno or _line(source, syntax, base, count + 1)
        raise SyntaxFault(_reason(error), file, line) from error
    except (ValueError, OSError, UnicodeError) as error:
        raise SyntaxFault(str(error), file, _line(source, syntax, base, count + 1)) from error


def _line(source: bytes | IO[bytes], syntax: Syntax, base: Iri | None, count: int) -> int | None:
    """The line of a statement, or of the fault before it, for which the parser itself has no place."""
    if not isinstance(source, bytes):
        if not source.seekable():
            return None
        source.seek(0)
    lines = _Lines(io.BytesIO(source) if isinstance(source, bytes) else source)
    with contextlib.suppress(SyntaxError, ValueError, OSError):
        for _ in islice(ox.parse(cast(IO[bytes], lines), format=syntax.oxigraph, base_iri=base, lenient=True), count):
            pass
    return lines.number


class _Lines:
    """A source that hands out one line at a time, so that how far it was read tells where a reader stands."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._is_within = False
        self.number = 0

    def read(self, size: int = -1) -> bytes:
        """The next line, or as much of it as is asked for."""
        part = self._source.readline(size)
        if part and not self._is_within:
            self.number += 1
        self._is_within = not part.endswith(b"\n")
        return part


def _merge(graph: str, merged: set[str], repairing: _Repairing | None) -> None:
    if repairing is None:
        raise SyntaxFault(f"named graphs are not kept, and <{graph}> is one: lenient reading merges them")
    if graph not in merged:
        merged.add(graph)
        repairing.repairs.append(Repair("named graph merged into the default graph", graph, ""))


def _without_mark(data: bytes | IO[bytes]) -> bytes | IO[bytes]:
    mark = b"\xef\xbb\xbf"
    if isinstance(data, bytes):
        return data.removeprefix(mark)
    if data.seekable() and data.read(3) != mark:
        data.seek(0)
    return data


def _reason(error: SyntaxError) -> str:
    """The parser's reason without the place, which the fault states itself."""
    return re.sub(r"^Parser error at line \d+ [^:]*: |\(line \d+\)$", "", str(error.msg)).strip()


class _Repairing:
    """Makes what a lenient parser let through acceptable to every strict one, and keeps the list of it."""

    _ILLEGAL = re.compile(r'[\x00-\x20<>"{}|^`\\]|%(?![0-9A-Fa-f]{2})')

    def __init__(self, repairs: list[Repair]) -> None:
        self.repairs = repairs
        self._seen: dict[Iri, Iri] = {}

    def statement(self, statement: Statement) -> Statement:
        subject, predicate, target = statement
        return self._iri(subject), self._iri(predicate), self._term(target)

    def _term(self, term: Term) -> Term:
        if isinstance(term, Literal):
            datatype = self._iri(term.datatype)
            return term if datatype == term.datatype else term._replace(datatype=datatype)
        return self._iri(term)

    def _iri(self, iri: Iri) -> Iri:
        known = self._seen.get(iri)
        if known is not None:
            return known
        mended = iri
        if not iri.startswith("_:"):
            mended = self._ILLEGAL.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), iri)
            if mended != iri:
                self.repairs.append(Repair("IRI with characters that no IRI may have", iri, mended))
        self._seen[iri] = mended
        return mended


def serialise(statements: Iterable[Statement], syntax: Syntax, prefixes: Mapping[str, Iri] | None = None) -> bytes:
    """A document; skolemised blank nodes come back as blank nodes."""
    triples = (triple(unskolemised(statement)) for statement in statements)
    with_prefixes = syntax in (Syntax.TURTLE, Syntax.TRIG, Syntax.RDF_XML)
    written = ox.serialize(triples, format=syntax.oxigraph, prefixes=dict(prefixes or {}) if with_prefixes else None)
    assert written is not None
    return written


def write(
    statements: Iterable[Statement], syntax: Syntax, out: IO[bytes], prefixes: Mapping[str, Iri] | None = None
) -> None:
    """Write a document as a stream; skolemised blank nodes come back as blank nodes."""
    triples = (triple(unskolemised(statement)) for statement in statements)
    with_prefixes = syntax in (Syntax.TURTLE, Syntax.TRIG, Syntax.RDF_XML)
    ox.serialize(triples, out, format=syntax.oxigraph, prefixes=dict(prefixes or {}) if with_prefixes else None)


def unskolemised(statement: Statement) -> Statement:
    """A statement with blank nodes for its skolem IRIs (RDF 1.1 Concepts, section 3.5)."""
    subject, predicate, target = statement
    if subject.startswith(SKOLEM):
        subject = "_:" + subject.removeprefix(SKOLEM)
    if type(target) is str and target.startswith(SKOLEM):
        target = "_:" + target.removeprefix(SKOLEM)
    return subject, predicate, target


def skolemise(statements: Iterable[Statement], label: str) -> Iterator[Statement]:
    """Statements with skolem IRIs for blank nodes; ``label`` keeps two documents apart.

    Blank nodes are numbered as they come, because parsers invent labels anew each time: the same document gives the
    same IRIs again.
    """
    numbers: dict[str, str] = {}

    def named(term: str) -> str:
        return numbers.setdefault(term, f"{SKOLEM}{label}-{len(numbers) + 1}")

    for subject, predicate, target in statements:
        if subject.startswith("_:"):
            subject = named(subject)
        if type(target) is str and target.startswith("_:"):
            target = named(target)
        yield subject, predicate, target
