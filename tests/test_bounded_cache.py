"""The one cache: bounded by weight, kept by use, counted, and never stale."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.bounded_cache import BoundedCache, counted, uses

steps = st.lists(st.tuples(st.booleans(), st.integers(0, 12), st.integers(1, 40)), max_size=120)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(steps)
def test_it_never_gives_anything_but_what_was_kept_last(taken: Sequence[tuple[bool, int, int]]) -> None:
    cache: BoundedCache[int, str] = BoundedCache("test", 100, lambda key, value: len(value), 30)
    kept: dict[int, str] = {}
    asked = 0
    for number, (is_read, key, size) in enumerate(taken):
        if is_read:
            found = cache.get(key)
            asked += 1
            assert found is None or found == kept[key]
        else:
            kept[key] = f"{number:04}".ljust(size, "x")[:size] if size > 4 else str(number % 10)
            cache.keep(key, kept[key])
            assert (cache.get(key) == kept[key]) == (len(kept[key]) <= 30)
            asked += 1
        use = cache.use
        assert use.weight <= 100
        assert use.items == len(cache.keys()) <= 13
        assert use.hits + use.misses == asked


def test_what_is_used_stays_and_what_is_not_goes() -> None:
    cache: BoundedCache[int, str] = BoundedCache("test", 20)
    for key in range(100):
        cache.keep(key, "x")
        assert cache.get(0) == "x"
    assert cache.get(1) is None
    assert len(cache) <= 20
    keys = cache.keys()
    assert keys[-1] in (0, 99)
    assert all(one < other or 0 in (one, other) for one, other in pairwise(keys))
    cache.clear()
    assert (len(cache), cache.use.weight, cache.get(99)) == (0, 0, None)


def test_every_cache_is_counted_by_its_name() -> None:
    one: BoundedCache[int, str] = BoundedCache("two of a kind", 20)
    other: BoundedCache[int, str] = BoundedCache("two of a kind", 20)
    one.keep(1, "x")
    other.keep(1, "x")
    assert one.get(1)
    assert other.get(2) is None
    double = counted("doubled", lru_cache(maxsize=3)(lambda number: number * 2))
    for number in (1, 2, 1):
        double(number)
    found = {use.name: use[1:] for use in uses()}
    assert found["two of a kind"] == (1, 1, 2, 2)
    assert found["doubled"] == (1, 2, 2, 2)
    assert "terms for RDF" in found
