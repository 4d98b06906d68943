"""What `registry export --whole` and `registry import --whole` do: a registry moves to another store, log and all."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from registry.app.core import Access, open_registry
from registry.cli.progress import progress_bar
from registry.cli.terminal import say, show_json
from registry.errors import BadInput
from registry.services.transfer.whole_transfer import read_whole, write_whole
from registry.settings import Settings


def run_whole(settings: Settings, output: Path | None, *, as_json: bool) -> None:
    """Write everything to a file, or to stdout, and report."""
    registry = open_registry(settings, Access.READ)
    try:
        with progress_bar() as progress:
            if output is None:
                entries = write_whole(registry.record, sys.stdout.buffer, progress)
            else:
                with output.open("wb") as out:
                    entries = write_whole(registry.record, out, progress)
    except OSError as error:
        raise BadInput(f"cannot write {output}: {error.strerror}", argument="output") from error
    finally:
        registry.close()
    if as_json and output is not None:
        show_json({"position": entries})
    else:
        say(f"exported everything up to position {entries:,}")


def run_restore(settings: Settings, files: Sequence[Path], *, as_json: bool) -> None:
    """Restore everything from a file into an empty record, and report."""
    if len(files) != 1:
        raise BadInput("--whole takes one file, as `registry export --whole` wrote it", argument="whole")
    registry = open_registry(settings)
    try:
        with files[0].open("rb") as source, progress_bar() as progress:
            position = read_whole(registry.record, source, progress)
    except OSError as error:
        raise BadInput(f"cannot read {files[0]}: {error.strerror}", argument=str(files[0])) from error
    finally:
        registry.close()
    if as_json:
        show_json({"position": position})
    else:
        say(f"restored everything up to position {position:,}")
