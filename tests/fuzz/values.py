"""Values that programs stumble over: numbers beyond every width, texts of odd signs, JSON of the wrong form."""

from __future__ import annotations

import random
from typing import Any

IRIS = (
    "urn:t:0",
    "urn:t:1",
    "urn:e:0",
    "urn:e:1",
    "urn:e:2",
    "https://w3id.org/semantic-twins/plant#Pump",
    "urn:none",
    "not an iri",
    "",
    "urn:x:\u00fc",
    "http://[",
    "urn:" + "x" * 3_000,
)
NAMES = (
    "Pump",
    "ratedFlow",
    "serialNumber",
    "feeds",
    "partOf",
    "core:partOf",
    "plant:Pump",
    "state",
    "name",
    "iri",
    "rdf:type",
    "nope",
    "",
    ":",
    "a:b:c",
    "https://w3id.org/semantic-twins/core#partOf",
    "Twin",
    "true",
)
TEXTS = (
    "",
    " ",
    "Pump",
    "\u0000",
    "\U0001f600",
    "\ud800",
    "\u202e",
    "%",
    "_",
    "\\",
    '"',
    "'; DROP TABLE",
    "\ufffe",
    "a" * 5_000,
    "2026-01-31T12:00:00Z",
    "2026-13-31T12:00:00Z",
    "9" * 5_000,
    "1e999",
    "NaN",
    "-INF",
    "\n",
    "\ufeff",
    "^(a|a)*$",
    "\u0345" * 40,
)
INTEGERS = (
    0,
    1,
    -1,
    2,
    10,
    1_000,
    1_001,
    2**31 - 1,
    2**31,
    -(2**31) - 1,
    2**53,
    2**63 - 1,
    2**63,
    2**64,
    -(2**70),
    10**40,
)
FLOATS = (0.0, -0.0, 1.5, 1e308, -1e308, 5e-324, 1e22)
LONG_NUMBER = "9" * 5_000


def any_json(chance: random.Random, depth: int = 0) -> Any:
    """A JSON value of any form."""
    kind = chance.randrange(8 if depth < 4 else 6)
    if kind == 6:
        return [any_json(chance, depth + 1) for _ in range(chance.randrange(4))]
    if kind == 7:
        return {chance.choice(NAMES): any_json(chance, depth + 1) for _ in range(chance.randrange(4))}
    choices: tuple[Any, ...] = (
        None,
        chance.random() < 0.5,
        chance.choice(INTEGERS),
        chance.choice(FLOATS),
        chance.choice(TEXTS),
        chance.choice(IRIS),
    )
    return choices[kind]


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The same bytes with a few of them changed, cut out, doubled or exchanged."""
    changed = bytearray(content)
    for _ in range(chance.randrange(1, 6)):
        place = chance.randrange(len(changed) + 1)
        match chance.randrange(6):
            case 0:
                changed[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                del changed[place : place + chance.randrange(1, 12)]
            case 2:
                changed[place:place] = changed[place : place + chance.randrange(1, 30)]
            case 3:
                changed[place:place] = chance.choice(
                    (b"\x00", b"\xff", b"\xc3", b"{", b"[", b"}", b'"', b"\\u0000", b"\r\n")
                )
            case 4:
                changed[place:place] = str(chance.choice(INTEGERS)).encode()
            case 5:
                changed[place:place] = chance.choice((LONG_NUMBER.encode(), b"[" * 300, b"..." * 20, b"$" * 5))
    return bytes(changed)
