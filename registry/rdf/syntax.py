"""Reading and writing RDF documents: faults with file and line, repairs only where they were asked for."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from functools import partial
from itertools import islice
from typing import IO, cast

import pyoxigraph as ox

from registry.errors import BadInput, SyntaxFault
from registry.rdf.losses import (
    NOWHERE,
    RELATIVE,
    UNMAPPED,
    Loss,
    Losses,
    is_absolute,
    refuse_unreadable,
    relative_iri,
)
from registry.rdf.oxigraph import LANGUAGE_TYPES, OxTerm, from_oxigraph, triple
from registry.rdf.repair import Repair, Repairing, is_iri
from registry.rdf.skolem import unskolemised
from registry.rdf.source import JsonWatch, Pace, Source, XmlWatch
from registry.rdf.terms import Iri, Literal, Statement
from registry.rdf.vocabulary import XSD_DECIMAL
from registry.rdf.xml_limits import check_xml


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


_PLAINLY = {
    "No LoadDocumentCallback has been set to load remote contexts": "contexts are not fetched from elsewhere: put the "
    "@context into the document",
}


_NO_SCHEME = "No scheme found in an absolute IRI"
_PREFIX = re.compile(r"(?!xml)(?:[A-Za-z](?:[\w-]*\w)?)?", re.ASCII | re.IGNORECASE)


_DECIMAL = ox.NamedNode(XSD_DECIMAL)
_EXPONENT = re.compile(r"-?[0-9](\.[0-9]+)?E-?[0-9]{1,3}")


class Leniency(Enum):
    """What happens to what a strict parser refuses: refuse it too, or repair it and say so."""

    STRICT = "strict"
    LENIENT = "lenient"


@dataclass
class Parsed:
    """A document being read. ``prefixes``, ``repairs`` and ``losses`` fill while ``statements`` is consumed."""

    statements: Iterator[Statement] = field(default_factory=lambda: iter(()))
    prefixes: dict[str, Iri] = field(default_factory=dict)
    repairs: list[Repair] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)


def check_base(base: str | None) -> None:
    """Raise BadInput for a base that is no IRI."""
    if base is not None and not is_iri(base):
        raise BadInput(f"the base is an absolute IRI, and {base[:200]!r} is none", argument="base")


def parse(
    data: bytes | IO[bytes],
    syntax: Syntax,
    *,
    file: str = "",
    base: Iri | None = None,
    leniency: Leniency = Leniency.STRICT,
) -> Parsed:
    """Read a document as a stream of statements; blank nodes are ``_:label``.

    Raises BadInput for a base that is no IRI, and SyntaxFault with file, line and reason, at once or while
    ``statements`` is consumed. Named graphs are refused, or merged into the default graph where leniency allows it,
    because the registry keeps statements only. Without a base a relative IRI is refused, or its statements are lost and
    listed where leniency allows it. JSON-LD keys without a mapping are lost either way, as JSON-LD has it, and listed.
    """
    check_base(base)
    parsed = Parsed()
    if leniency is Leniency.LENIENT:
        parsed.statements = _lenient(parsed, data, syntax, file, base or NOWHERE)
    else:
        parsed.statements = _strict(parsed, data, syntax, file, base)
    return parsed


def _strict(
    parsed: Parsed, data: bytes | IO[bytes], syntax: Syntax, file: str, base: Iri | None
) -> Iterator[Statement]:
    if syntax is Syntax.JSON_LD and not isinstance(data, bytes) and not data.seekable():
        # It is looked at twice.
        data = b"".join(iter(partial(data.read, 1_000_000), b""))
    with _faults(data, syntax, file, base) as place:
        parser = ox.parse(_source(data, syntax), format=syntax.oxigraph, base_iri=base)
        for quad in parser:
            place.count += 1
            target = _target(quad, syntax)
            if not isinstance(quad.graph_name, ox.DefaultGraph):
                graph = quad.graph_name.value
                raise SyntaxFault(f"named graphs are not kept, and <{graph}> is one: lenient reading merges them")
            term = from_oxigraph(target)
            if type(term) is Literal and term.datatype in LANGUAGE_TYPES:
                _check_language(cast(ox.Literal, target), term)
            yield from_oxigraph(quad.subject), quad.predicate.value, term  # type: ignore[misc]
        parsed.prefixes.update(parser.prefixes)
        if syntax is Syntax.JSON_LD:
            parsed.losses += _passed_over(data, file, base)


def _lenient(parsed: Parsed, data: bytes | IO[bytes], syntax: Syntax, file: str, base: Iri) -> Iterator[Statement]:
    repairing, losses = Repairing(parsed.repairs), Losses(file, UNMAPPED if syntax is Syntax.JSON_LD else RELATIVE)
    with _faults(data, syntax, file, base) as place:
        source = _source(data, syntax, Pace.LINES)
        parser = ox.parse(source, format=syntax.oxigraph, base_iri=base, lenient=True)
        for quad in parser:
            place.count += 1
            target = _target(quad, syntax)
            if losses.lose(quad, cast(Source, source).line):
                continue
            if not isinstance(quad.graph_name, ox.DefaultGraph):
                repairing.note("named graph merged into the default graph", quad.graph_name.value, "")
            yield repairing.iri(quad.subject), repairing.iri(quad.predicate), repairing.term(target)
        parsed.prefixes.update({name: iri for name, iri in parser.prefixes.items() if not iri.startswith(NOWHERE)})
    parsed.losses += losses.found()


def _passed_over(data: bytes | IO[bytes], file: str, base: Iri | None) -> list[Loss]:
    """What a strict reader of JSON-LD passes over without a word: keys without a mapping, which are listed.

    Raises SyntaxFault for IRIs and languages that are none, as the other syntaxes do where they stand.
    """
    if not isinstance(data, bytes):
        data.seek(0)
    losses, source = Losses(file, UNMAPPED), _source(data, Syntax.JSON_LD, Pace.LINES)
    for quad in ox.parse(source, format=Syntax.JSON_LD.oxigraph, base_iri=base or NOWHERE, lenient=True):
        line = cast(Source, source).line
        if is_absolute(quad.predicate.value):
            try:
                refuse_unreadable(quad)
            except SyntaxFault as fault:
                raise SyntaxFault(fault.details["reason"], file, line) from fault
        losses.lose(quad, line)
    return losses.found()


def _target(quad: ox.Quad, syntax: Syntax) -> OxTerm:
    """The object of a quad. Raises SyntaxFault for a triple term."""
    target = quad.object
    if isinstance(target, ox.Triple):
        raise SyntaxFault("triple terms (RDF 1.2) are not kept: use a core:Relationship")
    if syntax is Syntax.JSON_LD and isinstance(target, ox.Literal) and target.datatype == _DECIMAL:
        return _plain_decimal(target)
    return target


@dataclass
class _Place:
    """How many statements of a document were read."""

    count: int = 0


@contextlib.contextmanager
def _faults(data: bytes | IO[bytes], syntax: Syntax, file: str, base: Iri | None) -> Iterator[_Place]:
    """Faults of the parser as SyntaxFault with file and line."""
    place = _Place()
    try:
        yield place
    except SyntaxFault as fault:
        line = fault.details["line"] or _line(data, syntax, base, place.count)
        raise SyntaxFault(fault.details["reason"], file, line) from fault
    except SyntaxError as error:
        line = error.lineno or _line(data, syntax, base, place.count + 1)
        raise SyntaxFault(_reason(error), file, line) from error
    except (ValueError, OSError) as error:
        raise SyntaxFault(str(error), file, _line(data, syntax, base, place.count)) from error


def _source(data: bytes | IO[bytes], syntax: Syntax, pace: Pace = Pace.BLOCKS) -> IO[bytes]:
    watch = JsonWatch() if syntax is Syntax.JSON_LD else XmlWatch() if syntax is Syntax.RDF_XML else None
    return cast(IO[bytes], Source(data, watch, pace))


def _line(data: bytes | IO[bytes], syntax: Syntax, base: Iri | None, count: int) -> int | None:
    """The line of a statement, or of the fault before it, for which the parser itself has no place."""
    if not isinstance(data, bytes):
        if not data.seekable():
            return None
        data.seek(0)
    source = _source(data, syntax, Pace.LINES)
    with contextlib.suppress(SyntaxError, SyntaxFault, ValueError, OSError):
        for _ in islice(ox.parse(source, format=syntax.oxigraph, base_iri=base, lenient=True), count):
            pass
    return cast(Source, source).line or None


def _plain_decimal(number: ox.Literal) -> ox.Literal:
    """A JSON number as xsd:decimal writes it: JSON-LD gives fractions the spelling of doubles, which no decimal has."""
    if not _EXPONENT.fullmatch(number.value):
        return number
    digits = f"{Decimal(number.value):f}"
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return ox.Literal(digits, datatype=_DECIMAL)


def _check_language(target: ox.Literal, literal: Literal) -> None:
    """Refuse what some syntaxes let through and others cannot write."""
    if target.direction is not None:
        raise SyntaxFault("texts with a direction (RDF 1.2) are not kept: leave the direction out")
    if not literal.language:
        raise SyntaxFault(f"{literal.lexical!r} has the datatype of a text in a language, and no language")


def _reason(error: SyntaxError) -> str:
    """The parser's reason without the place, which the fault states itself."""
    reason = re.sub(r"^Parser error at line \d+ [^:]*: |\(line \d+\)$", "", str(error.msg)).strip()
    if _NO_SCHEME in reason:
        return relative_iri("")
    return _PLAINLY.get(reason, reason)


def serialise(statements: Iterable[Statement], syntax: Syntax, prefixes: Mapping[str, Iri] | None = None) -> bytes:
    """A document; skolemised blank nodes come back as blank nodes. Raises BadInput as `write` does."""
    out = io.BytesIO()
    write(statements, syntax, out, prefixes)
    return out.getvalue()


def write(
    statements: Iterable[Statement], syntax: Syntax, out: IO[bytes], prefixes: Mapping[str, Iri] | None = None
) -> None:
    """Write a document as a stream, in the order given; skolemised blank nodes come back as blank nodes.

    Raises BadInput for what the syntax has no way to write.
    """
    given = map(unskolemised, statements)
    triples = map(triple, map(check_xml, given) if syntax is Syntax.RDF_XML else given)
    named = _writable(prefixes or {}) if syntax in (Syntax.TURTLE, Syntax.TRIG, Syntax.RDF_XML) else None
    try:
        ox.serialize(triples, out, format=syntax.oxigraph, prefixes=named)
    except ValueError as error:
        raise BadInput(f"this cannot be written as RDF: {error}") from error


def _writable(prefixes: Mapping[str, Iri]) -> dict[str, Iri]:
    """The prefixes that no syntax has an objection to: they only make a document shorter."""
    return {name: iri for name, iri in prefixes.items() if _PREFIX.fullmatch(name) and is_iri(iri)}
