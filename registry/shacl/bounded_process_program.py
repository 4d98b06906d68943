"""The program of a bounded process: queries and searches of shapes, so that they can be stopped by ending it.

Started by its path, with the most bytes of memory and the most results as arguments. It imports pyoxigraph and the
standard library, and RE2 where needed. Jobs come in and outcomes go out, pickled, each after its length in 8 bytes;
8 bytes more go out at the start. It ends with its standard input.
"""

from __future__ import annotations

import pickle
import resource
import signal
import struct
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import pyoxigraph as ox

_LENGTH = struct.Struct("<Q")


class Exceeded(Exception):
    """A query has more results than it may have."""


def query(data: bytes, text: str, values: Mapping[str, Any], hints: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The solutions of a query over data in N-Quads, by variable. ``values`` are what functions give, by their IRI."""
    store = ox.Store()
    store.bulk_extend(ox.parse(data, format=ox.RdfFormat.N_QUADS))
    functions = {ox.NamedNode(iri): _constant(value) for iri, value in values.items()}
    substitutions: dict[Any, Any] = {ox.Variable(name): value for name, value in hints.items()}
    found = store.query(text, custom_functions=functions, substitutions=substitutions)
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    solutions: list[Mapping[str, Any]] = []
    for solution in found:
        if len(solutions) == int(sys.argv[2]):
            raise Exceeded
        solutions.append({name: solution[name] for name in names if solution[name] is not None})
    return solutions


def _constant(value: Any) -> Callable[..., Any]:
    return lambda *_: value


def search(pattern: str, text: bytes) -> bool:
    """Whether RE2 finds a pattern in a text."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    return re2.compile(pattern.encode(), options).search(text) is not None


JOBS: Mapping[str, Callable[..., Any]] = {"query": query, "search": search}


def outcome(name: str, arguments: Sequence[Any]) -> tuple[str, Any]:
    """What a job gives, or why it gives nothing."""
    try:
        return "found", JOBS[name](*arguments)
    except (Exceeded, MemoryError):
        return "exceeded", None
    except (SyntaxError, ValueError, RuntimeError, OSError) as error:
        return "refused", str(error)


def main() -> None:
    """Answer jobs until the standard input ends."""
    limit = int(sys.argv[1])
    # A system without such a limit is left as it is.
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    sys.stdout.buffer.write(_LENGTH.pack(0))
    sys.stdout.buffer.flush()
    while header := sys.stdin.buffer.read(_LENGTH.size):
        (length,) = _LENGTH.unpack(header)
        seconds, job = pickle.loads(sys.stdin.buffer.read(length))
        # Whoever asks ends this process when the time is over. The alarm is for one that was killed meanwhile.
        signal.setitimer(signal.ITIMER_REAL, seconds + 1)
        content = pickle.dumps(outcome(*job))
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout.buffer.write(_LENGTH.pack(len(content)) + content)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
