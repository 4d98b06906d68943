"""A file that a command writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from registry.errors import BadInput


@contextmanager
def written(output: Path) -> Iterator[IO[bytes]]:
    """Writes beside the file and puts it in place when it is whole, so that what is cut off leaves no half file.

    Raises BadInput where it cannot be written.
    """
    part = output.with_name(output.name + ".part")
    try:
        with part.open("wb") as out:
            yield out
        part.replace(output)
    except OSError as error:
        raise BadInput(f"{output}: {error.strerror}", argument="output") from error
    finally:
        part.unlink(missing_ok=True)
