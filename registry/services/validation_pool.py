"""Processes that share one long piece of work: each prepares itself once, and pages are answered in their order."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from itertools import islice
from multiprocessing import parent_process
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TypeAlias, TypeVar

from registry.errors import StoreUnavailable
from registry.garbage import settle
from registry.stores.port import Record

Opener: TypeAlias = Callable[[], Record]
"""Opens the record for reading; it can be pickled."""

WORTH_A_PROCESS = 10_000
"""Fewer resources than this are looked at sooner here than a process starts."""

Own = TypeVar("Own")
Page = TypeVar("Page")
Found = TypeVar("Found")

_own: list[Any] = []


def crew_for(resources: int) -> int:
    """How many processes are worth their start: as many as the machine has cores, fewer where there is little to do."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, resources // WORTH_A_PROCESS)


def spread(
    work: Callable[[Own, Page], Found], pages: Iterable[Page], here: Own, there: Callable[[], Own], processes: int
) -> Generator[Found, None, None]:
    """What a work finds on every page, in their order; with fewer than two processes it is done in this one.

    It is done with ``here``, or with what ``there`` makes once in each process: about half a second and 130 MB where
    that compiles shapes. Work, pages and ``there`` are pickled. Raises StoreUnavailable where a process is lost.
    """
    if processes < 2:
        yield from (work(here, page) for page in pages)
        return
    # A fresh interpreter, because a fork of a process with threads and open databases is not safe.
    context = multiprocessing.get_context("spawn")
    with NamedTemporaryFile(prefix="registry-crew-") as handed_over:
        # A model is more than a pipe holds: handed over there, each process would start when the last one has read it.
        handed_over.write(pickle.dumps(there))
        handed_over.flush()
        pool = ProcessPoolExecutor(processes, context, _begin, (handed_over.name,))
        try:
            waiting: deque[Future[Found]] = deque()
            rest = iter(pages)
            with _interrupts_put_off():
                waiting.extend(pool.submit(partial(_do, work), page) for page in islice(rest, 2 * processes))
            while waiting:
                yield waiting.popleft().result()
                waiting.extend(pool.submit(partial(_do, work), page) for page in islice(rest, 1))
        except BrokenProcessPool as error:
            raise StoreUnavailable("a process that helped was ended from outside: run it again") from error
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _interrupts_put_off() -> Iterator[None]:
    """Let processes start whole, and never hear of the keys that end a command.

    Those reach the whole group of processes, and the one that was started by hand decides. What is blocked here stays
    blocked in those that are started; this process, whose other threads still hear of it, is told once they are there.
    """
    came: list[object] = []
    is_told = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, lambda *told: came.append(told)) if is_told else None
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        if is_told:
            signal.signal(signal.SIGINT, handler)
    if came:
        signal.raise_signal(signal.SIGINT)


def _begin(handed_over: str) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    there: Callable[[], Any] = pickle.loads(Path(handed_over).read_bytes())
    _own.append(there())
    settle()


def _do(work: Callable[[Any, Page], Found], page: Page) -> Found:
    return work(_own[0], page)


def _end_with_parent() -> None:
    """However the process ends that started this one, this one ends too."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
