"""Subscriptions: one execution for all who ask for the same, and for each client a way of its own to where that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence, Set
from contextlib import aclosing
from functools import partial
from typing import Any, Protocol

import orjson
from graphql import FieldNode, VariableNode, Visitor, visit

from registry.access.principal import Principal
from registry.api.graphql.fixed.context import Context
from registry.api.graphql.fixed.errors import Answer
from registry.api.graphql.serve.operations import Operation, Operations
from registry.api.graphql.stream.execution import Channel, Event
from registry.domain.change import Position

MOST_BEHIND = 64
"""A channel begins at most so many changes behind the head of the log, and those came while its first member did.

What was there before, a client takes at its own pace: however much that is, reading it is not being slow.
"""


class Subscriber(Protocol):
    """A client's end of one subscription. ``position`` is where the client would go on, were it to end now."""

    position: Position

    def post(self, event: Event) -> None:
        """Take an event. It never waits."""

    async def deliver(self, event: Event) -> None:
        """Take an event, and wait until it has left for the client."""


class Hub:
    """Finds the channel of a subscription, or begins it.

    Subscriptions are the same where schema, document, operation, variables, principal and languages are; what they only
    begin behind does not count. The position tells what a client still needs, so it is let in where nothing is lost and
    nothing comes twice: behind the last change that the channel is done with, or further back as far as it remembers.
    """

    def __init__(self, operations: Operations) -> None:
        self._operations = operations
        self._channels: dict[Hashable, Channel] = {}

    async def follow(self, operation: Operation, context: Context, subscriber: Subscriber) -> Answer | None:
        """Tell a client all events of a subscription. The answer says why it ended, None that the server stops."""
        key, most_behind = likeness(operation, context.principal, context.languages), 0
        while True:
            context.until = None
            source = await self._operations.begin(operation, context)
            if isinstance(source, dict):
                return source
            subscriber.position = context.reached
            answers = self._operations.answers(operation, context, source)
            channel = self._channels.get(key)
            others = context.services.feed.start(context.principal) if channel is None else channel.reached
            if channel is None and others - context.reached <= most_behind:
                channel = self._channels[key] = Channel(answers, context, partial(self._channels.pop, key))
            if channel is not None and channel.covers(context.reached):
                break
            # The client takes these at its own pace, so that one far behind fills no queue.
            context.until = others
            async with aclosing(answers):
                async for answer in answers:
                    if "data" not in answer:
                        return answer
                    await subscriber.deliver(Event(answer, context))
            if context.reached < context.until:
                return None
            context.resume_after, most_behind = context.reached, MOST_BEHIND
        # A member may stay for days: what it came with need not.
        del operation, context, key, source, answers
        return await _member(channel, subscriber)


async def _member(channel: Channel, subscriber: Subscriber) -> Answer | None:
    member = channel.join(subscriber, subscriber.position)
    try:
        answer = await member.ended
    finally:
        await channel.leave(member)
    return None if answer is None else _not_before(answer, subscriber.position)


def _not_before(answer: Answer, position: Position) -> Answer:
    """The end of a channel for one member, which may know more of the log than the channel had looked at."""
    errors: list[dict[str, Any]] = []
    for error in answer["errors"]:
        extensions = error.get("extensions", {})
        if "position" in extensions:
            extensions = {**extensions, "position": max(position, extensions["position"])}
        errors.append({**error, "extensions": extensions})
    return {"errors": errors}


def likeness(operation: Operation, principal: Principal, languages: Sequence[str]) -> Hashable:
    """What all subscriptions have in common that one execution can serve."""
    request = operation.request
    beginning = _beginning(operation) if request.variables else frozenset()
    variables = {name: value for name, value in request.variables.items() if name not in beginning}
    return (
        operation.schema.release.digest, request.query, request.operation_name,
        orjson.dumps(variables, option=orjson.OPT_SORT_KEYS), principal, tuple(languages),
    )  # fmt: skip


def _beginning(operation: Operation) -> Set[str]:
    """The variables that say where to begin and nothing else: those that only ``after`` of the root field uses."""
    counted = _Variables()
    visit(operation.prepared.document, counted)
    return {
        argument.value.name.value
        for field in operation.prepared.node.selection_set.selections if isinstance(field, FieldNode)
        for argument in field.arguments or ()
        if argument.name.value == "after" and isinstance(argument.value, VariableNode)
        and counted.names[argument.value.name.value] == _DEFINED_AND_USED_ONCE
    }  # fmt: skip


_DEFINED_AND_USED_ONCE = 2


class _Variables(Visitor):
    """Counts how often each variable is named in a document, its definition included."""

    def __init__(self) -> None:
        super().__init__()
        self.names: Counter[str] = Counter()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.names[node.name.value] += 1
