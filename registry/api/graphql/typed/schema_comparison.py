"""How the schemas of two releases differ, member by member, and what that means for documents written before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
)
from graphql.utilities import (
    BreakingChangeType,
    DangerousChangeType,
    SafeChangeType,
    SchemaChange,
    find_schema_changes,
)
from graphql.utilities.find_schema_changes import find_field_changes

from registry.api.graphql.typed.objects import REQUIRED
from registry.domain.releases.comparison import Fate


class Risk(Enum):
    """What a change means for documents and clients that were right before."""

    BREAKING = "breaking"
    """Some are refused from then on."""
    DANGEROUS = "dangerous"
    """All are answered, and some may meet what they do not expect."""
    SAFE = "safe"


@dataclass(frozen=True, slots=True)
class MemberChange:
    """A type, a field, an argument or an enum value that is not what it was.

    ``member`` is its schema coordinate, such as ``Pump.feeds(first:)``; of a type that comes or goes, the members are
    not told. ``kind`` says what happened in the words of graphql-core.
    """

    member: str
    fate: Fate
    risk: Risk
    kind: str
    description: str

    def as_json(self) -> dict[str, str]:
        """The record as JSON values."""
        return {
            "member": self.member,
            "fate": self.fate.name.lower(),
            "risk": self.risk.value,
            "kind": self.kind,
            "description": self.description,
        }


# The library tells the member in a sentence only.
_MEMBER = re.compile(
    r"@?\w+\.\w+(?:\(\w+:\))?|(?<=implemented by )\w+|(?<=union type )\w+|^@?\w+(?= (?:was|changed|no longer)\b)|@\w+"
)
_OF_FIELDS = (GraphQLObjectType, GraphQLInterfaceType)


def schema_changes(before: GraphQLSchema, after: GraphQLSchema) -> list[MemberChange]:
    """What changed between two schemas, the worst first. Texts that only people read do not count."""
    found = [
        *(_told(change) for change in find_schema_changes(before, after) if change.type not in _NOT_TOLD),
        *_of_kinds(before, after),
        *_of_marks(before, after),
    ]
    risks = list(Risk)
    return sorted(found, key=lambda change: (risks.index(change.risk), change.member))


_NOT_TOLD = (SafeChangeType.DESCRIPTION_CHANGED, BreakingChangeType.TYPE_CHANGED_KIND)


def _told(change: SchemaChange) -> MemberChange:
    member = _MEMBER.search(change.description)
    assert member is not None, change.description
    kind = change.type.name
    # Of lists of interfaces and unions, what comes or goes is not the member itself.
    is_part = kind.endswith(("_TO_UNION", "_FROM_UNION")) or "INTERFACE" in kind or "DEFAULT" in kind
    fate = (
        Fate.CHANGED if is_part
        else Fate.REMOVED if kind.endswith("_REMOVED") or kind == "VALUE_REMOVED_FROM_ENUM"
        else Fate.ADDED if kind.endswith("_ADDED") or kind == "VALUE_ADDED_TO_ENUM"
        else Fate.CHANGED
    )  # fmt: skip
    return MemberChange(member[0], fate, _risk(change), kind, change.description)


def _risk(change: SchemaChange) -> Risk:
    match change.type:
        case BreakingChangeType():
            return Risk.BREAKING
        case DangerousChangeType():
            return Risk.DANGEROUS
    return Risk.SAFE


def _of_kinds(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[MemberChange]:
    """Types of another kind. A class that gets a subclass becomes an interface, and documents go on as before.

    The library does not look at the fields of such a type.
    """
    for name, was, now in _in_both(before, after):
        if was.__class__ is now.__class__:
            continue
        has_fields = isinstance(was, _OF_FIELDS) and isinstance(now, _OF_FIELDS)
        kind = BreakingChangeType.TYPE_CHANGED_KIND.name
        kinds = [found.__class__.__name__.removeprefix("GraphQL").removesuffix("Type") for found in (was, now)]
        words = f"{name} changed from {kinds[0]} to {kinds[1]}."
        yield MemberChange(name, Fate.CHANGED, Risk.DANGEROUS if has_fields else Risk.BREAKING, kind, words)
        if has_fields:
            # Both have fields with arguments, which is all that the library looks at here.
            yield from map(_told, find_field_changes(cast(Any, was), cast(Any, now)))


def _of_marks(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[MemberChange]:
    """Members that are deprecated, or that the model demands, and were not before; and the other way round."""
    for name, was, now in _in_both(before, after):
        earlier, later = _members(was), _members(now)
        for member in earlier.keys() & later.keys():
            one, other, what = earlier[member], later[member], f"{name}.{member}"
            if one.deprecation_reason != other.deprecation_reason:
                words = other.deprecation_reason or "It may be used again."
                kind = "DEPRECATED" if other.deprecation_reason else "DEPRECATION_REMOVED"
                yield MemberChange(what, Fate.CHANGED, Risk.SAFE, kind, f"{what}: {words}")
            demanded = [bool(found.extensions.get(REQUIRED)) for found in (one, other)]
            if demanded == [True, False]:
                words = f"{what} is no longer demanded: it can be null without an error."
                yield MemberChange(what, Fate.CHANGED, Risk.DANGEROUS, "SEMANTIC_NON_NULL_REMOVED", words)
            elif demanded == [False, True]:
                words = f"{what} is demanded now: it is null only beside an error."
                yield MemberChange(what, Fate.CHANGED, Risk.SAFE, "SEMANTIC_NON_NULL_ADDED", words)


def _in_both(before: GraphQLSchema, after: GraphQLSchema) -> Iterator[tuple[str, GraphQLNamedType, GraphQLNamedType]]:
    for name in sorted(before.type_map.keys() & after.type_map.keys()):
        was, now = before.type_map[name], after.type_map[name]
        if was is not now:
            yield name, was, now


def _members(kind: GraphQLNamedType) -> Mapping[str, Any]:
    """The fields or values of a type."""
    found: Mapping[str, Any] = {}
    if isinstance(kind, GraphQLEnumType):
        found = kind.values
    elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        found = kind.fields
    return found
