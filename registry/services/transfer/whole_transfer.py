"""A whole registry in one file, to be moved to another store: the log, position by position, and the archive.

The log is the whole: replaying it gives every statement, revision and time again. So a moved registry goes on at the
same position, its subscribers and idempotency keys included, and its releases and names come from the archive. The
file is JSON, one value a line; its last line says what must have arrived, so a file that was cut off is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import IO, Any

import orjson

from registry.domain.change import Entry
from registry.errors import BadInput, StoreUnavailable
from registry.rdf.terms import Statement
from registry.stores.encoding import decode_entry, encode_entry
from registry.stores.port import Record

FORMAT = "semantic-twin-registry"
VERSION = 1
KINDS = ("release", "names", "import-job")
"""What is moved of the archive. How a store names things within itself stays its own."""

_BATCH = 200
_PAGE = 500

Progress = Callable[[str, int, int], None]


def write_whole(record: Record, out: IO[bytes], progress: Progress = lambda stage, done, total: None) -> int:
    """Write everything that a record holds up to its head now; returns how many log entries."""
    head = record.head()
    _line(out, {"format": FORMAT, "version": VERSION, "position": head})
    for kind in KINDS:
        for key, text in record.kept(kind).items():
            _line(out, {"kind": kind, "key": key, "text": text})
    position, stated = 0, 0
    while position < head and (entries := record.entries(position, min(_PAGE, head - position))):
        for entry in entries:
            _line(out, _written(entry))
            stated += _difference(entry)
        position = entries[-1].position
        progress("export", position, head)
    # The log is the truth: what it adds up to is known at any position, however much is written meanwhile.
    _line(out, {"end": position, "digest": _hexadecimal(stated)})
    return position


def check_whole(lines: IO[bytes], progress: Progress = lambda stage, done, total: None) -> int:
    """Read a file of `write_whole` without storing it; returns the position of its last entry.

    Raises BadInput for a file that is none, was cut off, has a gap, or does not add up to what it says.
    """
    found = _parsed(lines)
    header = _header(found)
    position, stated, end = 0, 0, None
    for row in found:
        if "entry" in row:
            entry = _read(row)
            if entry.position != position + 1:
                raise BadInput(f"the file goes on with position {entry.position:,}: it has a gap", argument="whole")
            position, stated = entry.position, stated + _difference(entry)
            if position % _PAGE == 0:
                progress("verify", position, header["position"])
        elif "kind" not in row:
            end = row
    _check_end(end, position)
    if end is not None and end["digest"] not in (None, _hexadecimal(stated)):
        raise BadInput("the file does not add up to what it says: it is damaged", argument="whole")
    return position


def read_whole(record: Record, lines: IO[bytes], progress: Progress = lambda stage, done, total: None) -> int:
    """Restore a file of `write_whole` into an empty record; returns the position of its last entry.

    Raises BadInput for a file that is none or was cut off, and for a record that is not empty; what was stored by then
    stays, and such a record is to be thrown away.
    """
    if record.head() > 0:
        raise BadInput("a whole registry is restored into an empty record only: this one has a log", argument="whole")
    found = _parsed(lines)
    header = _header(found)
    batch: list[Entry] = []
    end: dict[str, Any] | None = None
    position = 0
    for row in found:
        if "kind" in row:
            record.keep(row["kind"], row["key"], row["text"])
        elif "entry" in row:
            batch.append(_read(row))
            if len(batch) == _BATCH:
                position = _stored(record, batch)
                progress("store", position, header["position"])
                batch = []
        else:
            end = row
    if batch:
        position = _stored(record, batch)
    _check_end(end, position)
    if end is not None and end["digest"] not in (None, _digest(record)):
        raise StoreUnavailable("what arrived is not what was sent: throw this record away and try again")
    return position


def _header(rows: Iterator[dict[str, Any]]) -> dict[str, Any]:
    header = next(rows, {})
    if header.get("format") != FORMAT or header.get("version") != VERSION:
        raise BadInput("this is no file that `registry backup` or `registry export --whole` wrote", argument="whole")
    return header


def _check_end(end: dict[str, Any] | None, position: int) -> None:
    if end is None or end["end"] != position:
        raise BadInput(f"the file ends at position {position:,}, before it should: it was cut off", argument="whole")


def _stored(record: Record, entries: Sequence[Entry]) -> int:
    transaction = record.begin()
    try:
        if entries[0].position != transaction.head() + 1:
            raise BadInput(f"the file goes on with position {entries[0].position:,}: it has a gap", argument="whole")
        transaction.apply(entries)
        transaction.commit()
    except BaseException:
        with suppress(StoreUnavailable):
            transaction.rollback()
        raise
    return entries[-1].position


def _digest(record: Record) -> str:
    """A number for all that is stated, whatever the order of values: statements are weighed and added up."""
    total, after, view = 0, "", record.view()
    while iris := record.iris(after, _PAGE):
        for resource in view.resources(iris).values():
            total += sum(map(_weight, resource.triples()))
        after = iris[-1]
    return _hexadecimal(total)


def _difference(entry: Entry) -> int:
    """What an entry does to the number of `_digest`."""
    return sum(map(_weight, entry.added)) - sum(map(_weight, entry.removed))


def _hexadecimal(total: int) -> str:
    return f"{total % 2**256:064x}"


def _weight(statement: Statement) -> int:
    return int.from_bytes(hashlib.sha256(repr(statement).encode("utf-8", "surrogatepass")).digest())


def _written(entry: Entry) -> dict[str, Any]:
    columns = [entry.position, entry.time, entry.actor, entry.cause, entry.release]
    return {"entry": [*columns, encode_entry(entry).decode(), entry.idempotency_key, entry.fingerprint]}


def _read(row: dict[str, Any]) -> Entry:
    try:
        return decode_entry(row["entry"])
    except (ValueError, TypeError, KeyError) as error:
        raise BadInput(f"an entry of the file does not make sense: {error}", argument="whole") from error


def _line(out: IO[bytes], value: dict[str, Any]) -> None:
    out.write(orjson.dumps(value) + b"\n")


def _parsed(lines: IO[bytes]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise BadInput(f"line {number} of the file is no JSON: {error}", argument="whole") from error
        if not isinstance(value, dict):
            raise BadInput(f"line {number} of the file is no entry", argument="whole")
        yield value
