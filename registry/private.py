"""Files that only their owner may read, whatever the umask says: a record holds what its users would not publish."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700

_OTHERS = 0o077
_OURS = ("projection", "checkpoints")


def make_folder(path: Path) -> None:
    """Make a folder for the owner alone, or make one so that is there. Raises OSError where it cannot be made."""
    path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    _close(path, FOLDER_MODE)


def make_file(path: Path) -> None:
    """Make an empty file for the owner alone, or make one so that is there. Raises OSError where it cannot be made."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE))
    _close(path, FILE_MODE)


def mend(data: Path, record: Path | None = None) -> None:
    """Close what is open to others of a data folder and of a record beside it, as far as it belongs to this user."""
    for path in _open_to_others(data, record):
        _close(path, FOLDER_MODE if path.is_dir() else FILE_MODE)


def exposed(data: Path, record: Path | None = None) -> list[Path]:
    """What others may read. The data folder counts where nothing but a registry's files is in it.

    What lies in a folder that is closed is not exposed: the projection's engine makes files as the umask says.
    """
    closed = [folder for folder in (data, *(data / name for name in _OURS)) if not _is_open(folder)]
    return [path for path in _open_to_others(data, record) if not any(folder in path.parents for folder in closed)]


def _open_to_others(data: Path, record: Path | None) -> list[Path]:
    return [path for path in dict.fromkeys((*_parts(data), *_files_of(record))) if _is_open(path)]


def _is_open(path: Path) -> bool:
    try:
        return not path.is_symlink() and bool(path.stat().st_mode & _OTHERS)
    except OSError:
        return False


def _parts(data: Path) -> Iterator[Path]:
    with suppress(OSError):
        inside = list(data.iterdir())
        if all(_is_ours(path) for path in inside) and not data.stat().st_mode & stat.S_ISVTX:
            yield data
        yield from (path for path in inside if _is_ours(path))
    for name in _OURS:
        yield from (data / name).rglob("*")


def _is_ours(path: Path) -> bool:
    return path.name in _OURS or path.name.startswith(("registry.db", "serving.json"))


def _files_of(record: Path | None) -> Iterator[Path]:
    if record is not None:
        yield from (record.with_name(record.name + suffix) for suffix in ("", "-wal", "-shm", ".lock"))


def _close(path: Path, mode: int) -> None:
    # What belongs to somebody else stays as it is, and `registry doctor` tells.
    with suppress(OSError):
        if path.stat().st_mode & _OTHERS:
            path.chmod(mode)
