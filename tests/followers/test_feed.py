"""The feed: gapless, ordered, shared, and bounded whatever its subscribers do."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.domain.change import Entry, Position
from registry.errors import BadInput, StoreUnavailable
from registry.log.feed import Feed
from registry.rdf.terms import text
from registry.stores.port import Store
from tests.principals import LOCAL

SECONDS = 20
"""Longest a test waits for what must come; reached only where it never comes."""


class Log:
    """A change log in memory that counts how often it is read: all that a feed asks of a store."""

    def __init__(self) -> None:
        self.committed: list[Entry] = []
        self.reads = 0
        self.fault: Exception | None = None

    def commit(self, count: int = 1, statements: int = 1) -> Position:
        for _ in range(count):
            position = len(self.committed) + 1
            added = tuple((f"urn:x:{position}", "urn:p", text(str(n))) for n in range(statements))
            self.committed.append(Entry(position, "", "tester", "test", "", (), added, {}))
        return len(self.committed)

    def head(self) -> Position:
        return len(self.committed)

    def entries(self, after: Position, limit: int) -> Sequence[Entry]:
        self.reads += 1
        if self.fault is not None:
            raise self.fault
        return self.committed[after : after + limit]


def feed_of(log: Log, **options: Any) -> Feed:
    return Feed(cast(Store, log), **options)


async def take(entries: AsyncIterator[Entry], count: int) -> list[Position]:
    async with asyncio.timeout(SECONDS):
        return [(await anext(entries)).position for _ in range(count)]


async def test_entries_come_from_any_thread_in_order_without_gap_or_repeat() -> None:
    log = Log()
    log.commit(5)
    feed = feed_of(log, poll_seconds=SECONDS)
    entries = feed.entries(LOCAL, 2)

    def write() -> None:
        for _ in range(500):
            feed.wake(log.commit())

    writer = threading.Thread(target=write)
    first = await take(entries, 3)
    writer.start()
    assert first + await take(entries, 500) == list(range(3, 506))
    writer.join()


async def test_writes_of_another_process_arrive_without_a_wake_up() -> None:
    log = Log()
    entries = feed_of(log, poll_seconds=0.01).entries(LOCAL)
    taken = asyncio.create_task(take(entries, 1))
    await asyncio.sleep(0)
    log.commit()
    assert await taken == [1]


async def test_without_a_position_a_subscription_begins_where_the_log_ends_at_the_call() -> None:
    log = Log()
    log.commit(3)
    feed = feed_of(log, poll_seconds=0.01)
    entries = feed.entries(LOCAL)
    log.commit(2)
    assert await take(entries, 2) == [4, 5]


@pytest.mark.parametrize("after", [-1, 4, 2**62])
def test_a_position_that_the_log_has_not_reached_is_refused_at_once(after: int) -> None:
    log = Log()
    log.commit(3)
    with pytest.raises(BadInput, match="ends at 3"):
        feed_of(log).entries(LOCAL, after)


async def test_a_hundred_subscribers_share_one_reading_of_the_log() -> None:
    log = Log()
    feed = feed_of(log, poll_seconds=SECONDS)
    everyone = [asyncio.create_task(take(feed.entries(LOCAL, 0), 64)) for _ in range(100)]
    await asyncio.sleep(0)
    feed.wake(log.commit(64))
    assert await asyncio.gather(*everyone) == [list(range(1, 65))] * 100
    assert log.reads <= 4


async def test_a_subscriber_that_falls_behind_loses_nothing_and_holds_up_nobody() -> None:
    log = Log()
    feed = feed_of(log, poll_seconds=SECONDS, kept_statements=40)
    slow, fast = feed.entries(LOCAL, 0), feed.entries(LOCAL, 0)
    feed.wake(log.commit())
    assert await take(slow, 1) == await take(fast, 1) == [1]
    for _ in range(50):
        feed.wake(log.commit(10, statements=10))
        await take(fast, 10)
    assert len(feed._recent._entries) <= 4, "what is kept is bounded by its statements"
    assert await take(slow, 500) == list(range(2, 502))


async def test_a_fault_of_the_record_delays_and_loses_nothing() -> None:
    log = Log()
    feed = feed_of(log, poll_seconds=0.01)
    entries = feed.entries(LOCAL)
    taken = asyncio.create_task(take(entries, 3))
    await asyncio.sleep(0)
    log.fault = StoreUnavailable("away")
    log.commit(3)
    await asyncio.sleep(0.05)
    assert not taken.done()
    log.fault = None
    assert await taken == [1, 2, 3]


async def test_closing_ends_every_subscription_and_leaving_ends_the_reading() -> None:
    log = Log()
    feed = feed_of(log, poll_seconds=0.01)
    async with aclosing(cast(Any, feed.entries(LOCAL))) as left:
        waiting = asyncio.create_task(anext(left, None))
        await asyncio.sleep(0)
        log.commit()
        assert await asyncio.wait_for(waiting, SECONDS) is not None
    reads = log.reads
    await asyncio.sleep(0.05)
    assert log.reads == reads, "nobody listens, nothing is read"

    waiting = asyncio.create_task(anext(feed.entries(LOCAL), None))
    await asyncio.sleep(0)
    feed.close()
    assert await asyncio.wait_for(waiting, SECONDS) is None


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    kept=st.integers(0, 12),
    batch=st.integers(1, 5),
    steps=st.lists(st.tuples(st.integers(0, 7), st.sampled_from("ab")), max_size=30),
)
def test_whatever_is_kept_each_subscriber_sees_each_entry_once(
    kept: int, batch: int, steps: list[tuple[int, str]]
) -> None:
    async def run() -> None:
        log = Log()
        feed = feed_of(log, poll_seconds=SECONDS, kept_statements=kept, batch=batch)
        subscribers = {"a": feed.entries(LOCAL, 0), "b": feed.entries(LOCAL, 0)}
        seen: dict[str, list[Position]] = {"a": [], "b": []}
        for commits, reader in steps:
            feed.wake(log.commit(commits))
            wanted = min(3, log.head() - len(seen[reader]))
            seen[reader] += await take(subscribers[reader], wanted)
        for name, entries in subscribers.items():
            seen[name] += await take(entries, log.head() - len(seen[name]))
            assert seen[name] == list(range(1, log.head() + 1))
            await cast(Any, entries).aclose()

    asyncio.run(run())
