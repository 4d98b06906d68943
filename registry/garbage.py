"""How Python looks for garbage in a process that works for long: seldom, and not through what stays."""

from __future__ import annotations

import gc

_ALLOCATIONS = 10_000
"""So many new objects start a look through the youngest. With Python's own 700 one page of a list starts several."""


def settle() -> None:
    """Take what is in memory now for what stays: model, shapes and schema are some hundred thousand objects.

    To be called again when others take their place: what was frozen and is garbage now is found then.
    """
    gc.set_threshold(_ALLOCATIONS, 10, 10)
    gc.unfreeze()
    gc.collect()
    gc.freeze()
