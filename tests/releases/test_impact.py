"""An impact report names exactly what a whole validation under the new release refuses: none more and none less."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.app.core import Registry
from registry.domain.releases.impact import Impact
from registry.rdf.vocabulary import INTEGRITY
from registry.services import validation_pool as crew
from tests.principals import LOCAL
from tests.releases.models import SHAPES, opened, silent
from tests.releases.presses import filled, recorded, refused

LARGE = 100_000


def held_to_the_engine(registry: Registry, digest: str) -> Impact:
    found = registry.releases.impact(LOCAL, digest, silent)
    whole = refused(recorded(registry.record), registry.ontologies.active(), registry.ontologies.compiled(digest))
    assert found.failing == whole.failing
    assert found.starting == whole.starting
    return found


@pytest.mark.parametrize("worth", [crew.WORTH_A_PROCESS, 1_000], ids=["here", "in several processes"])
def test_the_report_is_the_whole_validation(worth: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "WORTH_A_PROCESS", worth)
    with opened(tmp_path) as registry:
        found = held_to_the_engine(registry, filled(registry, 2_000))
    refusing = {impact.shape for impact in found.shapes if impact.severity.refuses}
    assert refusing == {
        *(SHAPES + f"Press-{name}" for name in ("force", "stroke", "mode", "standsIn")),
        SHAPES + "Shed-standsIn", SHAPES + "Twin-force", INTEGRITY + "UnknownProperty",
    }  # fmt: skip
    assert found.starting < found.failing, "some broke the release before as well"


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_the_report_on_a_large_record_is_the_whole_validation(tmp_path: Path) -> None:
    with opened(tmp_path) as registry:
        found = held_to_the_engine(registry, filled(registry, LARGE))
    assert len(found.failing) > LARGE // 10
