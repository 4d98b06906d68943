"""A semantic twin registry: twins, assets and relationships as one knowledge graph, every write decided by shapes.

>>> import registry
>>> with registry.open("data") as plant:
...     plant.twins.register("CentrifugalPump", name="P-7", entity="urn:plant:P-7", properties={"ratedFlow": 120})

``async with`` gives the same registry with methods to be awaited.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from registry.app.opening import Opening

__version__ = "0.1.0"

__all__ = ["__version__", "open"]


def open(place: str | Path = "data", **settings: Any) -> Opening:
    """Open a registry in this process, to be used with ``with`` or ``async with``.

    ``place`` is a data folder, or the URL of a store: ``sqlite:///PATH`` or ``neo4j://USER:PASSWORD@HOST``.
    ``settings`` are those of `docs/reference/settings.md`. Nothing is opened before the block begins. Raises BadInput
    for an unknown setting; the block begins with StoreUnavailable where another process writes here.
    """
    from registry.app.opening import Opening, settings_for

    return Opening(settings_for(place, settings))
