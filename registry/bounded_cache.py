"""The one cache of this code: what is read again is kept, as much as its limit allows, and each counts its use."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable, Iterator
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class CacheUse(NamedTuple):
    """How one cache was used since the start, and what it holds. ``weight`` is in what the cache is bounded by."""

    name: str
    hits: int
    misses: int
    items: int
    weight: int


class BoundedCache(Generic[Key, Value]):
    """Keeps values up to a weight in all, which is one for each or what ``weigh`` says; nothing above ``heaviest``.

    Values are in two halves. What is used moves to the younger one; when that is full it becomes the older one, and
    what was in that is forgotten: so it costs two look-ups at most and no order is kept for each use. Any thread may
    ask; a race costs a value that is worked out once more, or a use that is not counted.
    """

    def __init__(
        self, name: str, most_weight: int, weigh: Callable[[Key, Value], int] | None = None, heaviest: int | None = None
    ) -> None:
        self.name = name
        self.hits = self.misses = 0
        self._half = max(1, most_weight // 2)
        self._weigh = weigh
        self._heaviest = self._half if heaviest is None else heaviest
        self._young: dict[Key, Value] = {}
        self._old: dict[Key, Value] = {}
        self._young_weight = self._old_weight = 0
        _caches.add(self)

    def get(self, key: Key) -> Value | None:
        """The value of a key, or None."""
        found = self._young.get(key)
        if found is not None:
            self.hits += 1
            return found
        found = self._old.get(key)
        if found is None:
            self.misses += 1
            return None
        self.hits += 1
        self.keep(key, found)
        return found

    def keep(self, key: Key, value: Value) -> None:
        """Keep a value, which is not None, in place of the one that the key had."""
        weigh = self._weigh
        weight = 1 if weigh is None else weigh(key, value)
        if weight > self._heaviest:
            self._young.pop(key, None)
            self._old.pop(key, None)
            return
        replaced = self._young.get(key)
        if replaced is not None:
            self._young_weight -= 1 if weigh is None else weigh(key, replaced)
        if self._young_weight + weight > self._half:
            self._old, self._young = self._young, {}
            self._old_weight, self._young_weight = self._young_weight, 0
        self._young[key] = value
        self._young_weight += weight

    def clear(self) -> None:
        """Forget everything."""
        self._young, self._old = {}, {}
        self._young_weight = self._old_weight = 0

    def keys(self) -> list[Key]:
        """What is kept, what was kept or used last at the end."""
        return [*(key for key in self._old if key not in self._young), *self._young]

    @property
    def use(self) -> CacheUse:
        """How it was used."""
        return CacheUse(self.name, self.hits, self.misses, len(self), self._young_weight + self._old_weight)

    def __len__(self) -> int:
        return len(self.keys())


class Memoised(Protocol):
    """A function of `functools.lru_cache`, which is faster than any class where a value follows from a key."""

    def cache_info(self) -> Any:
        """Its hits, misses and size."""


_caches: weakref.WeakSet[BoundedCache[Any, Any]] = weakref.WeakSet()
_functions: dict[str, Memoised] = {}

Function = TypeVar("Function", bound=Memoised)


def counted(name: str, function: Function) -> Function:
    """A memoised function, whose cache is counted with the others under a name."""
    _functions[name] = function
    return function


def uses() -> Iterator[CacheUse]:
    """How each cache was used; several of one name, such as those of several schemas, are one."""
    found: dict[str, CacheUse] = {}
    for cache in list(_caches):
        use, before = cache.use, found.get(cache.name)
        if before is not None:
            use = CacheUse(use.name, *(one + other for one, other in zip(use[1:], before[1:], strict=True)))
        found[use.name] = use
    for name, function in _functions.items():
        told = function.cache_info()
        found[name] = CacheUse(name, told.hits, told.misses, told.currsize, told.currsize)
    yield from (found[name] for name in sorted(found))
