"""How single fields get into an answer: from an attribute, a resolver, or a read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from types import CoroutineType
from typing import Any, TypeAlias

from registry.api.graphql.fixed.reads import Read
from registry.api.graphql.run.deviation import Deviation
from registry.api.graphql.run.execution import Answered, Complete, Run

Fill: TypeAlias = Callable[[Any, Answered, Run], None]
"""Puts one field of a source into the answer, or leaves it to the run."""


def constant(name: str, value: str) -> Fill:
    """What is the same for every source."""

    def fill(source: Any, into: Answered, run: Run) -> None:
        into[name] = value

    return fill


def of_attribute(attribute: str, complete: Complete, name: str) -> Fill:
    """What a source has as an attribute."""

    def fill(source: Any, into: Answered, run: Run) -> None:
        into[name] = complete(getattr(source, attribute), run)

    return fill


def of_entry(key: str, complete: Complete, name: str) -> Fill:
    """What graphql-core's own default resolver gives: an entry of a dictionary, or an attribute."""

    def fill(source: Any, into: Answered, run: Run) -> None:
        value = source.get(key) if type(source) is dict else getattr(source, key, None)
        if callable(value):
            raise Deviation
        into[name] = complete(value, run)

    return fill


Call: TypeAlias = Callable[[Any, Run, dict[str, Any]], Any]
_Arguments: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Any]] | dict[str, Any]


def with_info(function: Callable[..., Any]) -> Call:
    """A resolver of ours that asks for ``info``; the run stands for it."""
    return lambda source, run, arguments: function(source, info=run, **arguments)


def without_info(function: Callable[..., Any]) -> Call:
    """A resolver of ours that asks for nothing but its source and its arguments."""
    return lambda source, run, arguments: function(source, **arguments)


def _told(arguments: _Arguments) -> Callable[[Run], dict[str, Any]]:
    """The arguments of a field, made once in a run whatever the number of its sources."""
    if isinstance(arguments, dict):
        fixed = arguments
        return lambda run: fixed
    make, key = arguments, id(arguments)

    def told(run: Run) -> dict[str, Any]:
        found = run.made.get(key)
        if found is None:
            found = run.made[key] = make(run.given)
        return found

    return told


def of_function(call: Call, arguments: _Arguments, complete: Complete, name: str) -> Fill:
    """What a resolver gives at once."""
    told = _told(arguments)

    def fill(source: Any, into: Answered, run: Run) -> None:
        into[name] = complete(call(source, run, told(run)), run)

    return fill


def of_coroutine(call: Call, arguments: _Arguments, complete: Complete, name: str) -> Fill:
    """What a resolver gives later."""
    told = _told(arguments)

    def fill(source: Any, into: Answered, run: Run) -> None:
        run.wait(call(source, run, told(run)), complete, into, name)

    return fill


def of_core(resolve: Callable[..., Any], arguments: _Arguments, complete: Complete, name: str) -> Fill:
    """A resolver of graphql-core's form, which may answer at once or later."""
    told = _told(arguments)

    def fill(source: Any, into: Answered, run: Run) -> None:
        value = resolve(source, run, **told(run))
        if type(value) is CoroutineType:
            run.wait(value, complete, into, name)
        else:
            into[name] = complete(value, run)

    return fill


def of_read(read: Read, arguments: _Arguments, complete: Complete, name: str) -> Fill:
    """What is read with its level, or now where nothing has to be asked."""
    if read.attribute is not None:
        return _of_attribute_read(read, read.attribute, complete, name)
    told, key_of, is_by_key_alone = _told(arguments), read.key, read.by_key_alone

    def fill(source: Any, into: Answered, run: Run) -> None:
        given = told(run)
        key = key_of(source, run.context, **given)
        if key is None:
            into[name] = complete(read.shown(None, source, run.context, **given), run)
            return
        if is_by_key_alone:
            # Many links lead to the same few places: what is asked of one of those is answered once in a level.
            known = run.alike.get((key, complete))
            if known is not None:
                known.append((into, name))
                return
        run.read(key, read, source, given, complete, into, name)

    return fill


def _of_attribute_read(read: Read, attribute: str, complete: Complete, name: str) -> Fill:
    """The same where an attribute of the source is asked for, and most ask for what another has asked for already."""
    get: Callable[[Any], Any] = attrgetter(attribute)

    def fill(source: Any, into: Answered, run: Run) -> None:
        key = get(source)
        known = run.alike.get((key, complete))
        if known is not None:
            known.append((into, name))
        else:
            run.read(key, read, source, {}, complete, into, name)

    return fill
