"""Whether fields of one name can be merged (GraphQL specification, section 5.3.2), in a bounded number of steps.

graphql-core compares every pair of fields. Here the fields of one response name are compared with the first of them,
because "has the same shape" and "asks for the same" hold among all or fail for some; so a set costs what it holds. Sets
that several ways lead to are looked at once. After Simon Adameit,
https://tech.xing.com/graphql-overlapping-fields-can-be-merged-fast-ea6e92e0a01
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    print_ast,
)
from graphql.utilities.sort_value_node import sort_value_node

from registry.errors import TooLarge

MOST_STEPS = 100_000
"""A step looks at one selection. Fragments can make a document of a few lines stand for millions."""


class _Selected(NamedTuple):
    """A field where it stands: in a selection of ``parent``, answering ``kind``."""

    node: FieldNode
    parent: GraphQLCompositeType
    kind: GraphQLOutputType


_Fields = Mapping[str, list[_Selected]]


class _Conflict(NamedTuple):
    """Why two fields cannot be merged, and the response names on the way to them."""

    reason: str
    way: tuple[str, ...]
    nodes: tuple[FieldNode, FieldNode]


def conflicts(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """The first conflict of each operation. The document is valid otherwise. Raises TooLarge over `MOST_STEPS`."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    merging = _Merging(schema, fragments)
    found = []
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            root = schema.get_root_type(operation.operation)
            if root is not None:
                fields = merging.collected([(operation.selection_set, root)])
                conflict = merging.shapes(fields, ()) or merging.questions(fields, ())
                if conflict is not None:
                    found.append(_told(conflict))
    return found


def _told(conflict: _Conflict) -> GraphQLError:
    first, *further = conflict.way
    inner = "".join(f"subfields '{name}' conflict because " for name in further)
    return GraphQLError(
        f"Fields '{first}' conflict because {inner}{conflict.reason}."
        " Use different aliases on the fields to fetch both if this was intentional.",
        list(conflict.nodes),
    )


@dataclass(slots=True)
class _Merging:
    """Looks at sets of fields. Those that were found without a conflict are not looked at again."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    steps: int = 0
    _alike: set[frozenset[int]] = field(default_factory=set)
    _same: set[frozenset[int]] = field(default_factory=set)
    _arguments: dict[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def collected(self, sets: Iterable[tuple[SelectionSetNode, GraphQLCompositeType]]) -> _Fields:
        """The fields of some selections by response name, those of their fragments included."""
        found: dict[str, list[_Selected]] = {}
        seen: set[str] = set()
        waiting = list(sets)
        waiting.reverse()
        while waiting:
            selections, parent = waiting.pop()
            below: list[tuple[SelectionSetNode, GraphQLCompositeType]] = []
            for node in selections.selections:
                self._step()
                if isinstance(node, FieldNode):
                    declared = self.schema.get_field(parent, node.name.value)
                    if declared is not None:
                        name = (node.alias or node.name).value
                        found.setdefault(name, []).append(_Selected(node, parent, declared.type))
                elif isinstance(node, InlineFragmentNode):
                    below.append((node.selection_set, self._narrowed(node.type_condition, parent)))
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                    seen.add(node.name.value)
                    fragment = self.fragments.get(node.name.value)
                    if fragment is not None:
                        below.append((fragment.selection_set, self._narrowed(fragment.type_condition, parent)))
            waiting.extend(reversed(below))
        return found

    def shapes(self, fields: _Fields, way: tuple[str, ...]) -> _Conflict | None:
        """The first conflict between what fields of one name answer, whatever object they are of."""
        for name, found in fields.items():
            group = _unlike(found)
            if self._is_known(group, self._alike):
                continue
            first = group[0]
            for other in group[1:]:
                self._step()
                if _differ(first.kind, other.kind):
                    reason = f"they return conflicting types '{first.kind}' and '{other.kind}'"
                    return _Conflict(reason, (*way, name), (first.node, other.node))
            conflict = self.shapes(self._below(group), (*way, name))
            if conflict is not None:
                return conflict
        return None

    def questions(self, fields: _Fields, way: tuple[str, ...]) -> _Conflict | None:
        """The first conflict between what fields of one name ask, where they can be of one object."""
        for name, found in fields.items():
            for group in _of_one_object(_unlike(found)):
                if self._is_known(group, self._same):
                    continue
                conflict = self._differing(group, (*way, name))
                conflict = conflict or self.questions(self._below(group), (*way, name))
                if conflict is not None:
                    return conflict
        return None

    def _differing(self, group: Sequence[_Selected], way: tuple[str, ...]) -> _Conflict | None:
        first = group[0].node
        for other in group[1:]:
            self._step()
            names = first.name.value, other.node.name.value
            if names[0] != names[1]:
                reason = f"'{names[0]}' and '{names[1]}' are different fields"
                return _Conflict(reason, way, (first, other.node))
            if self._arguments_of(first) != self._arguments_of(other.node):
                return _Conflict("they have differing arguments", way, (first, other.node))
        return None

    def _below(self, group: Iterable[_Selected]) -> _Fields:
        sets = []
        for one in group:
            kind = get_named_type(one.kind)
            if one.node.selection_set is not None and is_composite_type(kind):
                sets.append((one.node.selection_set, kind))
        return self.collected(sets)

    def _is_known(self, group: Iterable[_Selected], known: set[frozenset[int]]) -> bool:
        """Whether these fields were looked at together before; from now on they were."""
        key = frozenset(id(one.node) for one in group)
        if key in known:
            return True
        known.add(key)
        return False

    def _arguments_of(self, node: FieldNode) -> tuple[tuple[str, str], ...]:
        found = self._arguments.get(id(node))
        if found is None:
            found = self._arguments[id(node)] = tuple(sorted(
                (one.name.value, print_ast(sort_value_node(one.value))) for one in node.arguments or ()
            ))  # fmt: skip
        return found

    def _narrowed(self, condition: Any, parent: GraphQLCompositeType) -> GraphQLCompositeType:
        found = None if condition is None else self.schema.get_type(condition.name.value)
        return found if is_composite_type(found) else parent

    def _step(self) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooLarge(
                f"merging the fields of the document takes more than {MOST_STEPS:,} steps: repeat fewer fields and "
                "fragments",
                limit=MOST_STEPS,
            )


def _unlike(found: Sequence[_Selected]) -> Sequence[_Selected]:
    """The fields without those that several ways lead to."""
    return found if len(found) == 1 else list({id(one.node): one for one in found}.values())


def _of_one_object(found: Sequence[_Selected]) -> Iterator[Sequence[_Selected]]:
    """Fields that can be of one object: those of one object type, and with them all of interfaces and unions."""
    if len(found) == 1:
        yield found
        return
    abstract = [one for one in found if not is_object_type(one.parent)]
    concrete: dict[str, list[_Selected]] = {}
    for one in found:
        if is_object_type(one.parent):
            concrete.setdefault(one.parent.name, []).append(one)
    if not concrete:
        yield abstract
    for group in concrete.values():
        yield [*group, *abstract]


def _differ(one: Any, other: Any) -> bool:
    """Whether values of two types have different shapes: lists, nulls and leaves have to be the same."""
    while one is not other:
        for is_wrapped in (is_list_type, is_non_null_type):
            if is_wrapped(one) or is_wrapped(other):
                if not (is_wrapped(one) and is_wrapped(other)):
                    return True
                one, other = one.of_type, other.of_type
                break
        else:
            return is_leaf_type(one) or is_leaf_type(other)
    return False
