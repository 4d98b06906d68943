"""A release put in force by one process decides the next write of every other."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from registry.app.core import Registry, open_registry
from registry.errors import ShapesViolated
from registry.settings import Settings
from tests.neo4j.session import emptied
from tests.releases.models import class_, model, press, property_, put, shape, shapes, started, store

STRICTER = [model("2.0.0", class_("Press"), property_("force")), shapes(shape("Press", "force", "sh:minCount 1"))]


def test_a_release_reaches_every_process_before_its_next_write(tmp_path: Path) -> None:
    url = emptied()

    def opened(name: str) -> Registry:
        return open_registry(Settings(data=tmp_path / name, store=url))

    with closing(opened("one")) as one:
        started(one)
        with closing(opened("two")) as two:
            assert two.ontologies.active().digest == one.ontologies.active().digest
            store(two, *press(1, 5))
            digest = put(one, STRICTER)
            with pytest.raises(ShapesViolated, match="Mend the value"):
                store(two, *press(2))
            assert two.ontologies.active().digest == digest
            store(two, *press(3, 7))
            assert {entry.release for entry in one.record.entries(one.record.head() - 2, 2)} == {digest}
            assert two.projection is not None
            two.projection.catch_up()
            two.releases.activate(two.principal, two.releases.previous())
            assert one.projection is not None
            one.projection.catch_up()
            assert one.ontologies.active().digest == two.ontologies.active().digest != digest
