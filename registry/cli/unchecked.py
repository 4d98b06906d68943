"""What of a model no write is held to, as `ontology check` and `ontology publish` list it."""

from __future__ import annotations

from collections.abc import Sequence

from registry.cli.terminal import say


def show_unchecked(left_out: Sequence[str], never_run: Sequence[str], passed_over: Sequence[str]) -> None:
    """Say what no write is held to: every line of it, for whoever publishes has to know."""
    for title, lines in (
        ("of foreign shapes, this is not enforced as it stands:", left_out),
        ("shapes that never run:", never_run),
        ("passed over, in case it was meant to check something:", passed_over),
    ):
        if lines:
            say(title)
        for line in lines:
            say(f"  {line}")
