"""Short names in the graph: labels, relationship types and property keys for IRIs, issued once and kept for ever."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import orjson

from registry.errors import TooLarge
from registry.rdf.terms import Iri, local_name

GRAPH_NAMES = "graph-name"
"""The kind under which the archive keeps a name: its key is the IRI."""

MOST_NAMES = 60_000
"""Neo4j tells about 65,000 relationship types apart."""

_LONGEST = 80
_RESERVED = {"iri", "name"}
_NOT_IN_NAMES = re.compile(r"[^0-9A-Za-z_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Reading(NamedTuple):
    """How a native value of a property becomes a literal: its datatype, its language, and how it is spelt."""

    datatype: str
    language: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True)
class Name:
    """What stands for an IRI: ``name`` as a label or a property key, ``type`` as a relationship type.

    ``readings`` has one for each native kind that the property has had; the first literal of a kind decides, so that
    most values need no shadow. ``number`` is what the rows of `registry.stores.neo4j.keys` begin with.
    """

    number: int
    name: str
    type: str
    readings: Mapping[str, Reading] = field(default_factory=dict)

    def as_text(self) -> str:
        """The name as the archive keeps it."""
        return orjson.dumps([self.number, self.name, self.type, dict(self.readings)], default=list).decode()

    @classmethod
    def from_text(cls, kept: str) -> Name:
        """The name that the archive kept."""
        number, name, kind, readings = orjson.loads(kept)
        return cls(number, name, kind, {native: Reading(*said) for native, said in readings.items()})


class Names:
    """IRI ↔ name, type and number. It only grows; of several processes, the one that holds the write lock adds.

    ``version`` counts the groups of writes that have added something.
    """

    def __init__(self, kept: Mapping[Iri, str], version: int = 0) -> None:
        self.version = version
        self._by_iri: dict[Iri, Name] = {}
        self._by_name: dict[str, Iri] = {}
        self._by_type: dict[str, Iri] = {}
        self._changed: set[Iri] = set()
        for iri, text in kept.items():
            self._add(iri, Name.from_text(text))

    def __len__(self) -> int:
        return len(self._by_iri)

    def get(self, iri: Iri) -> Name | None:
        """The name of an IRI that has one."""
        return self._by_iri.get(iri)

    def of_name(self, name: str) -> Iri | None:
        """Whose label or property key this is."""
        return self._by_name.get(name)

    def of_type(self, kind: str) -> Iri | None:
        """Whose relationship type this is."""
        return self._by_type.get(kind)

    def items(self) -> Iterator[tuple[Iri, Name]]:
        """Every IRI with its name."""
        yield from self._by_iri.items()

    def copy(self) -> Names:
        """The same names, to be added to without anyone seeing it before the commit."""
        twin = Names({}, self.version)
        twin._by_iri, twin._by_name, twin._by_type = dict(self._by_iri), dict(self._by_name), dict(self._by_type)
        return twin

    def lacks(self, iris: Iterable[Iri]) -> bool:
        """Whether some of these have no name yet."""
        return any(iri not in self._by_iri for iri in iris)

    def issue(self, iris: Iterable[Iri], known: Mapping[Iri, str]) -> None:
        """Name those that have no name; ``known`` holds the names that GraphQL uses, so that both say the same.

        Raises TooLarge where Neo4j could not tell any more of them apart.
        """
        for iri in iris:
            if iri in self._by_iri:
                continue
            if len(self._by_iri) >= MOST_NAMES:
                raise TooLarge(f"the graph cannot tell more than {MOST_NAMES:,} classes and properties apart")
            wanted = _plain(known.get(iri) or local_name(iri))
            name = _free(wanted, self._by_name)
            self._add(iri, Name(len(self._by_iri) + 1, name, _free(_upper_snake(name), self._by_type)))
            self._changed.add(iri)

    def reading(self, iri: Iri, native: str) -> Reading | None:
        """How native values of a kind are read for a property, where that is decided."""
        return self._by_iri[iri].readings.get(native)

    def learn(self, iri: Iri, native: str, reading: Reading) -> Reading:
        """Decide how native values of a kind are read for a property; the first literal of the kind does."""
        name = self._by_iri[iri]
        self._by_iri[iri] = replace(name, readings={**name.readings, native: reading})
        self._changed.add(iri)
        return reading

    def news(self) -> list[tuple[Iri, Name]]:
        """What was issued or added to, for the archive to keep."""
        return sorted(((iri, self._by_iri[iri]) for iri in self._changed), key=lambda item: item[1].number)

    def settle(self) -> None:
        """Everything new is kept now."""
        self.version += bool(self._changed)
        self._changed.clear()

    def _add(self, iri: Iri, name: Name) -> None:
        self._by_iri[iri] = name
        self._by_name[name.name] = iri
        self._by_type[name.type] = iri


def _plain(said: str) -> str:
    name = _NOT_IN_NAMES.sub("_", said)[:_LONGEST].strip("_") or "term"
    # A leading underscore marks what is the registry's own.
    name = f"n{name}" if name[0].isdigit() else name
    return f"its_{name}" if name.lower() in _RESERVED else name


def _upper_snake(name: str) -> str:
    return _HUMP.sub("_", name).upper()


def _free(wanted: str, taken: Mapping[str, Iri]) -> str:
    unique, number = wanted, 2
    while unique in taken:
        unique, number = f"{wanted}_{number}", number + 1
    return unique
