"""What happens in the plant, line by line on the terminal."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

from registry.domain.change import Entry
from registry.rdf.terms import local_name
from registry.stores.port import Record

_LOOK_SECONDS = 0.3


def follow(record: Record, ended: threading.Event) -> None:
    """Print each lifecycle change as it is committed, and keep one line of the latest readings below."""
    position = record.head()
    while not ended.wait(_LOOK_SECONDS):
        for entry in record.entries(position, 500):
            position = entry.position
            for line in _lines(entry):
                print(f"\r\033[K{line}", file=sys.stderr)
            status = _status(entry)
            if status:
                print(f"\r\033[K{status[:100]}", end="", file=sys.stderr, flush=True)


def _lines(entry: Entry) -> Iterator[str]:
    for event in entry.events:
        if event.kind == "StateChanged":
            reason = f" ({event.data['reason']})" if "reason" in event.data else ""
            move = f"{event.data['from']} → {event.data['to']}"
            yield f"{entry.time[11:19]}  {local_name(event.subject):<12} {move}{reason}"


def _status(entry: Entry) -> str:
    readings = [
        f"{local_name(event.subject).removeprefix('twin-')} "
        + " ".join(f"{name} {value}" for name, value in event.data.items())
        for event in entry.events
        if event.kind == "StateReported"
    ]
    return f"{entry.time[11:19]}  {'   '.join(readings)}" if readings else ""
