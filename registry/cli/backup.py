"""`registry backup` and `registry restore`: a whole record in one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from registry.cli.options import Data, Debug, Json, Store, settings
from registry.cli.terminal import say, show_json


def backup(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="File to write; one of that name is replaced.")],
    store: Store = None, data: Data = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Write a consistent copy of the record, also beside a running server, and read it again.

    The file holds twins, log, releases and names, and is readable by its owner only. The projection is not in it: it
    is built from the record.

    Example: registry backup /var/backups/registry.backup --data /var/lib/registry
    """
    from registry.app.backups import back_up
    from registry.cli.progress import progress_bar

    with progress_bar() as progress:
        done = back_up(settings(store, data), path, progress)
    if json:
        show_json({"position": done.position, "bytes": done.size_bytes, "file": str(done.path)})
    else:
        say(f"{done.path} holds everything up to position {done.position:,} in {done.size_bytes:,} bytes, verified")


def restore(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="File that `registry backup` wrote.")],
    store: Store = None, data: Data = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Restore a backup into an empty place, of either kind of store, and verify what arrived.

    Example: registry restore /var/backups/registry.backup --data /var/lib/registry-restored
    """
    from registry.app.backups import restore as restored
    from registry.cli.progress import progress_bar

    with progress_bar() as progress:
        position = restored(settings(store, data), path, progress)
    if json:
        show_json({"position": position})
    else:
        say(f"restored everything up to position {position:,}, verified")
