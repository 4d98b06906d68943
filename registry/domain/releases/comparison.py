"""What changed between two releases, term by term, and what the versions of their modules had to become for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from registry.domain.releases.release import Release
from registry.ontology.model import DEPRECATED, REPLACED_BY
from registry.ontology.modules import Module, ModuleKind
from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Literal, Term, is_blank
from registry.rdf.vocabulary import (
    DCTERMS,
    OWL,
    OWL_CLASS,
    OWL_NAMED_INDIVIDUAL,
    RDF_TYPE,
    RDFS,
    SH,
    SKOS,
    VANN,
)


class Level(IntEnum):
    """What a change asks of the version of its module (semantic versioning 2.0.0, read for ontologies)."""

    NONE = 0
    PATCH = 1
    """Only what people read changed."""
    MINOR = 2
    """Something was added or deprecated; whoever used the module before goes on as before."""
    MAJOR = 3
    """Something was removed or redefined, or a shape may refuse what it accepted before."""


class Fate(IntEnum):
    """What became of a term."""

    ADDED = 0
    CHANGED = 1
    REMOVED = 2


@dataclass(frozen=True, slots=True)
class TermChange:
    """One term of a module that is not what it was. ``details`` say which properties of it changed, as IRIs."""

    module: str
    kind: str
    iri: Iri
    fate: Fate
    level: Level
    details: tuple[Iri, ...] = ()
    replacement: Iri | None = None


@dataclass(frozen=True, slots=True)
class VersionFault:
    """A module whose version does not say what happened to it."""

    module: str
    before: str
    after: str
    needed: str
    level: Level


@dataclass(frozen=True)
class Comparison:
    """Everything that differs between two releases. ``names`` maps the short names that appear, fall away or stay."""

    before: str
    after: str
    terms: tuple[TermChange, ...] = ()
    names_added: tuple[str, ...] = ()
    names_gone: tuple[str, ...] = ()
    version_faults: tuple[VersionFault, ...] = ()
    modules_added: tuple[str, ...] = ()
    modules_gone: tuple[str, ...] = ()
    levels: Mapping[str, Level] = field(default_factory=dict)

    @property
    def level(self) -> Level:
        """The strongest change of all."""
        return max(self.levels.values(), default=Level.NONE)

    def __bool__(self) -> bool:
        return bool(self.terms or self.levels)


_FOR_PEOPLE = (RDFS + "label", RDFS + "comment", RDFS + "seeAlso", RDFS + "isDefinedBy", SKOS, DCTERMS, VANN)
_SHAPES_FOR_PEOPLE = frozenset(SH + word for word in ("message", "name", "description", "order", "group"))
_HEADER = frozenset(OWL + word for word in ("versionIRI", "versionInfo", "priorVersion"))
_VERSION = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\Z")


def compare(before: Release, after: Release) -> Comparison:
    """Compare two releases. Shapes have no version: they count towards the ontology of the same name."""
    earlier, later = _by_file(before), _by_file(after)
    terms: list[TermChange] = []
    levels: dict[str, Level] = {}
    for file in sorted(earlier.keys() | later.keys()):
        was, now = earlier.get(file), later.get(file)
        if was is not None and now is not None and was.digest == now.digest:
            continue
        found = list(_terms(was, now))
        terms += found
        module = now or was
        assert module is not None
        name = module.name
        level = max((change.level for change in found), default=Level.PATCH)
        levels[name] = max(level, levels.get(name, Level.NONE))
    return Comparison(
        before=before.digest,
        after=after.digest,
        terms=tuple(terms),
        names_added=_names(after, _known(after) - _known(before)),
        names_gone=_names(before, _known(before) - _known(after)),
        version_faults=tuple(_version_faults(before, after, levels)),
        modules_added=tuple(sorted(later.keys() - earlier.keys())),
        modules_gone=tuple(sorted(earlier.keys() - later.keys())),
        levels=levels,
    )


def _by_file(release: Release) -> dict[str, Module]:
    return {module.file: module for module in release.modules}


def _known(release: Release) -> frozenset[Iri]:
    model = release.model
    return frozenset({*model.classes, *model.properties, *model.individuals})


def _names(release: Release, iris: Iterable[Iri]) -> tuple[str, ...]:
    return tuple(sorted(release.names.name(iri) for iri in iris))


def _terms(before: Module | None, after: Module | None) -> Iterable[TermChange]:
    module = after or before
    assert module is not None
    earlier, later = _described(before), _described(after)
    for iri in sorted(earlier.keys() | later.keys()):
        was, now = earlier.get(iri, frozenset()), later.get(iri, frozenset())
        if was == now or iri == module.iri:
            continue
        kind = _kind(module, now or was)
        fate = Fate.ADDED if not was else Fate.REMOVED if not now else Fate.CHANGED
        details = tuple(sorted({predicate for predicate, _ in was ^ now}))
        replacement = next((str(value) for predicate, value in now if predicate == REPLACED_BY), None)
        yield TermChange(module.name, kind, iri, fate, _level(kind, fate, details, now), details, replacement)


def _level(kind: str, fate: Fate, details: Sequence[Iri], says: frozenset[tuple[Iri, object]]) -> Level:
    if kind == "shape":
        # A shape that comes or is redefined may refuse what passed, unless it only warns; one that goes refuses less.
        if fate is Fate.REMOVED or _only_warns(says):
            return Level.MINOR
        return Level.PATCH if fate is Fate.CHANGED and _SHAPES_FOR_PEOPLE.issuperset(details) else Level.MAJOR
    if fate is Fate.ADDED:
        return Level.MINOR
    if fate is Fate.REMOVED:
        return Level.MAJOR
    binding = [predicate for predicate in details if not predicate.startswith(_FOR_PEOPLE)]
    if not binding:
        return Level.MINOR if REPLACED_BY in details else Level.PATCH
    return Level.MINOR if set(binding) == {DEPRECATED} else Level.MAJOR


def _only_warns(says: frozenset[tuple[Iri, object]]) -> bool:
    return not says.isdisjoint({(SH + "severity", SH + "Warning"), (SH + "severity", SH + "Info")})


def _kind(module: Module, says: frozenset[tuple[Iri, object]]) -> str:
    if not module.kind.has_terms:
        return "shape"
    types = {value for predicate, value in says if predicate == RDF_TYPE}
    if OWL_CLASS in types:
        return "class"
    if OWL_NAMED_INDIVIDUAL in types:
        return "individual"
    is_property = any(str(found).startswith(OWL) and str(found).endswith("Property") for found in types)
    return "property" if is_property else "term"


def _described(module: Module | None) -> dict[Iri, frozenset[tuple[Iri, object]]]:
    """What a module says of each named term; a blank node is what is said of it."""
    if module is None:
        return {}
    graph = MemoryGraph(module.statements)
    named = [subject for subject in graph.subjects() if not is_blank(subject)]
    return {subject: _said(graph, subject, frozenset()) for subject in named}


def _said(graph: MemoryGraph, subject: Iri, above: frozenset[Iri]) -> frozenset[tuple[Iri, object]]:
    return frozenset(
        (predicate, _value(graph, value, above | {subject}))
        for predicate, values in graph.outgoing(subject).items()
        for value in values
    )


def _value(graph: MemoryGraph, value: Term, above: frozenset[Iri]) -> object:
    if isinstance(value, Literal) or not is_blank(value):
        return value
    return "a blank node above" if value in above else _said(graph, value, above)


def _version_faults(before: Release, after: Release, levels: Mapping[str, Level]) -> Iterable[VersionFault]:
    earlier, later = (
        {module.name: module for module in release.modules if module.kind is ModuleKind.ONTOLOGY}
        for release in (before, after)
    )
    for name, level in levels.items():
        if name not in earlier or name not in later:
            continue
        was, now = earlier[name].version, later[name].version
        needed = _needed(was, level)
        if needed is not None and not _suffices(was, now, level):
            yield VersionFault(name, was, now, needed, level)


def _needed(version: str, level: Level) -> str | None:
    """The least version that says what happened, or None for one that is no semantic version."""
    parts = _parts(version)
    if parts is None:
        return None
    place = _place(parts, level)
    return ".".join(str(part) for part in (*parts[:place], parts[place] + 1, *(0,) * (2 - place)))


def _suffices(before: str, after: str, level: Level) -> bool:
    was, now = _parts(before), _parts(after)
    if was is None or now is None:
        return was is None
    place = _place(was, level)
    return now[: place + 1] > was[: place + 1]


def _parts(version: str) -> tuple[int, ...] | None:
    found = _VERSION.match(version)
    return None if found is None else tuple(int(part) for part in found.groups())


def _place(version: tuple[int, ...], level: Level) -> int:
    """Which part of a version must grow at least; below 1.0.0 the first part says nothing yet, and the second does."""
    place = 3 - level
    return place if version[0] else min(place + 1, 2)


def as_json(comparison: Comparison, release: Release) -> dict[str, Any]:
    """A comparison as JSON values, with the short names of a release that knows them."""
    return {
        "before": comparison.before,
        "after": comparison.after,
        "level": comparison.level.name.lower(),
        "modulesAdded": list(comparison.modules_added),
        "modulesGone": list(comparison.modules_gone),
        "terms": [
            {
                "module": change.module,
                "kind": change.kind,
                "iri": change.iri,
                "name": release.names.name(change.iri),
                "fate": change.fate.name.lower(),
                "level": change.level.name.lower(),
                "details": [release.names.compact(iri) for iri in change.details],
                "replacement": change.replacement,
            }
            for change in comparison.terms
        ],
        "namesAdded": list(comparison.names_added),
        "namesGone": list(comparison.names_gone),
        "versions": [
            {"module": fault.module, "before": fault.before, "after": fault.after, "needed": fault.needed}
            for fault in comparison.version_faults
        ],
    }
