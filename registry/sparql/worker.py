"""The process that runs SPARQL queries on a read-only checkpoint, so that a query can be stopped by ending it.

Started by its path, with the most bytes of memory it may take as argument. It imports pyoxigraph and the standard
library only, and so costs about 27 MB. One JSON object per line comes in (see `registry.sparql.worker_pool.Job`);
one JSON line, and after it ``bytes`` bytes of content, go out. It ends with its standard input.
"""

from __future__ import annotations

import csv
import io
import json
import os
import resource
import signal
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import pyoxigraph as ox

# At least as many of these stand in a result set as it has rows: most answers need no exact count.
_ROW_MARKS = {
    ox.QueryResultsFormat.JSON: b"{",
    ox.QueryResultsFormat.XML: b"<result>",
    ox.QueryResultsFormat.CSV: b"\n",
    ox.QueryResultsFormat.TSV: b"\n",
}


class Exceeded(Exception):
    """An answer is over a limit; the argument names it: ``rows`` or ``bytes``."""


class Bounded(io.BytesIO):
    """A buffer that refuses to grow over a limit in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def write(self, data: Any) -> int:
        """Take the data. Raises Exceeded over the limit, which ends the serialiser that writes."""
        if self.tell() + len(data) > self._limit:
            raise Exceeded("bytes")
        return super().write(data)


def bound_memory(limit_bytes: int) -> None:
    """Let allocations over a limit fail, which ends this process; a system without such a limit is left as it is."""
    try:
        resource.setrlimit(resource.RLIMIT_DATA, (limit_bytes, limit_bytes))
    except (OSError, ValueError):
        return


def give_way() -> None:
    """Let whoever waits for a single value go first: a query that takes seconds does not miss the milliseconds.

    The first core is left to the process that serves. Priority alone would not do: a scheduler lets who runs go on for
    some milliseconds, and that is several times what a point read takes.
    """
    try:
        os.nice(10)
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, cores[1:] or cores)
    except (AttributeError, OSError):
        return


def answer(store: ox.Store, job: dict[str, Any]) -> bytes:
    """Run a job's query and serialise what it finds. Raises Exceeded, and what pyoxigraph raises."""
    default, named = dataset(store, job)
    found = store.query(
        job["query"], base_iri=job["base"], prefixes=job["prefixes"], default_graph=default, named_graphs=named
    )
    out = Bounded(job["bytes"])
    if isinstance(found, ox.QueryTriples):
        syntax = ox.RdfFormat.from_media_type(job["media_type"])
        ox.serialize(_counted(found, job["rows"]), out, syntax, prefixes=job["prefixes"])
        return out.getvalue()
    results = ox.QueryResultsFormat.from_media_type(job["media_type"])
    assert results is not None
    found.serialize(out, results)
    if isinstance(found, ox.QuerySolutions) and _rows_exceed(out.getvalue(), results, job["rows"]):
        raise Exceeded("rows")
    return out.getvalue()


def dataset(store: ox.Store, job: dict[str, Any]) -> tuple[list[Any] | None, list[Any] | None]:
    """The graphs of a job: those it names, those its query names (then both are None), or data and model as one.

    The graph of the model repeats the modules, so that no ``GRAPH ?g`` meets it.
    """
    default, named = job["default_graphs"], job["named_graphs"]
    if default is None and named is None:
        return None, None
    hidden = ox.NamedNode(job["model"])
    return (
        [ox.DefaultGraph() if graph == job["data"] else ox.NamedNode(graph) for graph in default or ()],
        [graph for graph in store.named_graphs() if graph != hidden]
        if named is None
        else list(map(ox.NamedNode, named)),
    )


def _counted(triples: Iterable[ox.Triple], limit: int) -> Iterator[ox.Triple]:
    for count, triple in enumerate(triples):
        if count >= limit:
            raise Exceeded("rows")
        yield triple


def _rows_exceed(content: bytes, kind: ox.QueryResultsFormat, limit: int) -> bool:
    """Whether a serialised result set has more rows than a limit: pyoxigraph does not say while it writes."""
    if content.count(_ROW_MARKS[kind]) <= limit:
        return False
    if kind == ox.QueryResultsFormat.CSV:
        csv.field_size_limit(len(content) + 1)
        return sum(1 for _ in csv.reader(io.StringIO(content.decode(), newline=""))) - 1 > limit
    solutions = ox.parse_query_results(content, kind)
    return isinstance(solutions, ox.QuerySolutions) and sum(1 for _ in solutions) > limit


def main() -> None:
    """Answer jobs until the standard input ends."""
    bound_memory(int(sys.argv[1]))
    give_way()
    store, opened = None, ""
    for line in sys.stdin.buffer:
        job = json.loads(line)
        # The pool ends a worker at the limit. This alarm is for the worker whose pool was killed meanwhile.
        signal.setitimer(signal.ITIMER_REAL, job["seconds"] + 1)
        content, header = b"", dict[str, Any](bytes=0)
        try:
            if store is None or opened != job["checkpoint"]:
                store, opened = None, ""
                store, opened = ox.Store.read_only(job["checkpoint"]), job["checkpoint"]
            content = answer(store, job)
            header["bytes"] = len(content)
        except Exceeded as error:
            header["exceeded"] = error.args[0]
        except MemoryError:
            header["exceeded"] = "memory"
        except (SyntaxError, ValueError) as error:
            header["refused"] = str(error)
        except (OSError, RuntimeError) as error:
            header["failed"] = str(error)
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + content)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
