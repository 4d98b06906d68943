"""Terms that are turned into pyoxigraph's again and again are kept, and long ones never."""

from __future__ import annotations

from registry.rdf.oxigraph import from_oxigraph, to_oxigraph
from registry.rdf.terms import text


def test_only_short_terms_are_kept() -> None:
    for short in ("https://e.example/pump", text("a pump")):
        assert to_oxigraph(short) is to_oxigraph(short)
    for long in ("https://e.example/" + "x" * 300, text("y" * 300)):
        assert to_oxigraph(long) is not to_oxigraph(long)
        assert from_oxigraph(to_oxigraph(long)) == long
