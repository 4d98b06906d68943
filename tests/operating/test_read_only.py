"""A record where nothing can be written is read by every command that reads, and told of by those that write."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from registry.app.core import open_registry
from registry.demo import plant_imported
from registry.errors import StoreUnavailable
from registry.settings import Settings
from registry.stores.open_mode import Access
from registry.stores.sqlite.connection import connect
from registry.stores.sqlite.read_only import reading_mode

COUNT = "SELECT (COUNT(*) AS ?n) { ?twin <https://w3id.org/semantic-twins/core#twinOf> ?entity }"
MOUNTED = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive") / "data"
    with closing(open_registry(Settings(data=folder))) as registry:
        plant_imported(registry)
    return folder


def run(data: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """A command where the data folder is read only, for root as well: in a name space with a mount of its own."""
    command = [sys.executable, "-m", "registry", *map(str, arguments), "--data", str(data)]
    if os.geteuid() == 0:
        command = ["unshare", "--mount", "sh", "-ec", MOUNTED, str(data), *command]
    else:
        data.chmod(0o500)
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=data.parent)
    finally:
        data.chmod(0o700)


def files(data: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in data.rglob("*")}


def test_whatever_reads_reads_a_record_where_nothing_can_be_written(data: Path, tmp_path: Path) -> None:
    before = files(data)
    counted = run(data, "query", COUNT, "--json")
    assert counted.returncode == 0, counted.stderr
    assert int(json.loads(counted.stdout)["results"]["bindings"][0]["n"]["value"]) > 0
    exported = run(data, "export", "--output", tmp_path / "all.ttl")
    assert exported.returncode == 0, exported.stderr
    examined = run(data, "doctor", "--json")
    assert examined.returncode == 0, examined.stdout + examined.stderr
    assert {"record", "log", "projection"} <= {found["part"] for found in json.loads(examined.stdout)}
    backed = run(data, "backup", tmp_path / "copy")
    assert backed.returncode == 0, backed.stderr
    assert files(data) == before


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("doctor", "--repair"), ("import", "more.ttl")])
def test_whatever_writes_says_in_one_line_what_works(data: Path, command: tuple[str, ...]) -> None:
    (data.parent / "more.ttl").write_text('<urn:x> <http://www.w3.org/2000/01/rdf-schema#label> "X" .')
    done = run(data, *command)
    assert done.returncode == 2
    assert "what only reads works" in done.stderr
    assert done.stderr.rstrip().endswith("[STORE_UNAVAILABLE]")
    assert done.stderr.count("\n") == 1


def test_commits_that_cannot_be_read_are_never_passed_over(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = data / "registry.db"
    log, index = file.with_name("registry.db-wal"), file.with_name("registry.db-shm")
    with monkeypatch.context() as read_only:
        read_only.setattr(os, "access", lambda path, mode: mode != os.W_OK)
        assert "immutable" in reading_mode(file)
        with closing(connect(file, Access.WRITE)) as open_beside:
            open_beside.execute("SELECT count(*) FROM sqlite_master").fetchone()
            assert index.exists()
            assert "immutable" not in reading_mode(file)
        log.write_bytes(b"commits")
        try:
            with pytest.raises(StoreUnavailable, match=r"copy registry\.db and registry\.db-wal"):
                reading_mode(file)
        finally:
            log.unlink()
        with closing(open_registry(Settings(data=data))):
            index.unlink(missing_ok=True)
            assert "immutable" not in reading_mode(file), "somebody holds the lock"
