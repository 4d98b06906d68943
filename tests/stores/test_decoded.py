"""Decoded documents: never stale, and bounded by what they weigh."""

from __future__ import annotations

import pytest

from registry.rdf.terms import text
from registry.stores.encoding import encode_statements
from registry.stores.sqlite import decoded
from registry.stores.sqlite.decoded import Decoded


def document(label: str) -> bytes:
    return encode_statements({"urn:label": [text(label)]})


def test_the_same_row_is_decoded_once_and_another_row_anew() -> None:
    known = Decoded()
    first = known.resource("urn:a", document("a"), 1, "", "then")
    assert known.resource("urn:a", document("a"), 1, "", "then") is first
    for row in ((document("b"), 1, "then"), (document("a"), 2, "then"), (document("a"), 1, "later")):
        changed = known.resource("urn:a", row[0], row[1], "", row[2])
        assert changed is not first
        assert (changed.revision, changed.updated_at) == row[1:]
    assert known.resource("urn:a", document("c"), 3, "", "").values("urn:label") == [text("c")]


def test_one_resource_that_changes_all_the_time_takes_the_place_of_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoded, "_MOST_BYTES", 40_000)
    known, row = Decoded(), document("x" * 1_000)
    quiet = known.resource("urn:quiet", row, 1, "", "")
    for number in range(1, 200):
        known.resource("urn:busy", document("y" * 1_000), number, "", "")
    assert known.resource("urn:quiet", row, 1, "", "") is quiet


def test_what_is_kept_is_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoded, "_MOST_BYTES", 40_000)
    known, row = Decoded(), document("x" * 1_000)
    first = known.resource("urn:0", row, 1, "", "")
    for number in range(1, 100):
        known.resource(f"urn:{number}", row, 1, "", "")
    assert len(known) < 50
    assert known.resource("urn:0", row, 1, "", "") is not first
    huge = document("x" * 20_000)
    assert known.resource("urn:huge", huge, 1, "", "") is not known.resource("urn:huge", huge, 1, "", "")
