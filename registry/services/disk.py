"""The room that the registry takes on the disk, and what is left of it: asked of the file system, never scanned for."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Disk:
    """The data folder, the file of the record (None where it is in a database), and how much must stay free."""

    folder: Path
    record: Path | None
    least_free_bytes: int

    def free_bytes(self) -> int:
        """The least that is free for this user where data and record lie; 0 where the file system does not say."""
        places = {self.folder, self.record.parent if self.record is not None else self.folder}
        try:
            return min(shutil.disk_usage(place).free for place in places)
        except OSError:
            return 0

    def is_short(self) -> bool:
        """Whether less is free than must be."""
        return self.free_bytes() < self.least_free_bytes

    def record_bytes(self) -> int:
        """The size of the record's file; 0 where it is in a database."""
        return _size(self.record) if self.record is not None else 0

    def write_ahead_bytes(self) -> int:
        """The size of what was committed and is not in the record's file yet."""
        return _size(self.record.with_name(self.record.name + "-wal")) if self.record is not None else 0

    def projection_bytes(self) -> int:
        """The size of the projection's files, some tens of them."""
        try:
            with os.scandir(self.folder / "projection" / "store") as files:
                return sum(_size(Path(file.path)) for file in files)
        except OSError:
            return 0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
