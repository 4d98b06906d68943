"""A whole graph as audits look at it: node by node, and as a store that queries ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from registry.shacl.graph import WholeGraph
from registry.shacl.neighbourhood import Neighbourhood

if TYPE_CHECKING:
    from registry.shacl.sparql.data import Data


class Whole(Neighbourhood):
    """A whole graph that an audit looks at, which can also be asked as a store."""

    __slots__ = ("data",)

    def __init__(self, graph: WholeGraph, data: Callable[[], Data]) -> None:
        super().__init__(graph)
        self.data = data
