"""A record of every older schema opens with its twins, releases and log, and goes on."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from registry.app.core import open_registry
from registry.errors import StoreUnavailable
from registry.rdf.vocabulary import RDFS_LABEL
from registry.services.transfer.importer import ImportOptions
from registry.settings import Settings
from registry.stores.open_mode import Access
from registry.stores.sqlite import connection as schema
from registry.stores.sqlite.record import open_sqlite
from tests.operating.drill import added_up, stated, whole_log
from tests.principals import LOCAL

HERE = Path(__file__).parent
SCHEMAS = sorted(HERE.glob("schema-*.sql"))
RELEASE = "d113c616ec7e3b54b74f3760a13d8525bbdd08bc4c26ad2b200c4a479f24633b"


def loaded(text: Path, folder: Path) -> Path:
    """The record file of a text."""
    file = folder / "registry.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(text.read_text(encoding="utf-8"))
    return file


def test_there_is_a_record_of_every_schema_up_to_this_one() -> None:
    # Whoever adds a step puts a record of the schema before it here, written by the version that had it.
    known = len(schema.steps())
    assert [path.name for path in SCHEMAS] == [f"schema-{number}.sql" for number in range(1, max(2, known))]


@pytest.mark.parametrize("text", SCHEMAS, ids=lambda path: path.stem)
def test_an_older_record_opens_with_twins_releases_and_log_and_goes_on(text: Path, tmp_path: Path) -> None:
    loaded(text, tmp_path)
    with closing(open_registry(Settings(data=tmp_path))) as registry:
        record = registry.record
        assert record.head() == 2
        assert RELEASE in record.kept("release")
        log = whole_log(record, 2)
        assert {entry.release for entry in log} == {RELEASE}
        assert registry.ontologies.active().digest == RELEASE
        assert stated(record) == added_up(log)
        tank = record.view().resources(["urn:x:tank"])["urn:x:tank"]
        assert {value.lexical for value in tank.values(RDFS_LABEL) if not isinstance(value, str)} == {
            "Tank",
            "Behälter",
        }
        assert [entry.position for entry in record.history("urn:x:tank", None, 9)] == [2, 1]
        more = tmp_path / "more.ttl"
        more.write_text('<urn:x:tank> <http://www.w3.org/2000/01/rdf-schema#label> "Réservoir"@fr .')
        assert registry.transfer.import_files(LOCAL, [more], ImportOptions()).left_out == []
        assert record.head() == 3
        assert [finding for finding in registry.health.examined() if finding.is_fault] == []


def test_a_record_of_a_newer_version_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    file = loaded(SCHEMAS[-1], tmp_path)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 1000")
    for access in Access:
        with pytest.raises(StoreUnavailable, match=r"schema 1000, and .* knows \d+: use a newer registry"):
            open_sqlite(file, access)


def test_a_step_that_is_cut_off_leaves_the_schema_it_began_with(tmp_path: Path) -> None:
    file = loaded(SCHEMAS[-1], tmp_path)
    with closing(schema.connect(file, Access.WRITE)) as connection:
        version = schema.version_of(connection)
        later = [*schema.steps()[:version], ""]
        later[-1] = "CREATE TABLE later (id INTEGER);\nINSERT INTO nowhere VALUES (1);\n"
        with pytest.raises(StoreUnavailable):
            schema.migrate(connection, file, later)
        assert schema.version_of(connection) == version
        later[-1] = "CREATE TABLE later (id INTEGER);\n"
        schema.migrate(connection, file, later)
        assert schema.version_of(connection) == version + 1


KILLED = """
import os, signal, sys
from pathlib import Path
from registry.stores.open_mode import Access
from registry.stores.sqlite import connection as schema
file, last = Path(sys.argv[1]), int(sys.argv[2])
connection = schema.connect(file, Access.WRITE)
done = 0
def count(statement):
    global done
    done += 1
    if done > last:
        os.kill(os.getpid(), signal.SIGKILL)
connection.set_trace_callback(count)
schema.migrate(connection, file, schema.steps())
"""


@pytest.mark.parametrize("text", SCHEMAS, ids=lambda path: path.stem)
def test_kill_9_before_any_statement_of_a_step_leaves_a_schema_that_the_next_start_takes_on(
    text: Path, tmp_path: Path
) -> None:
    kills = 0
    while True:
        folder = tmp_path / str(kills)
        folder.mkdir()
        file = loaded(text, folder)
        with closing(sqlite3.connect(file)) as connection:
            before = connection.execute("PRAGMA user_version").fetchone()[0]
        asked = [sys.executable, "-c", KILLED, str(file), str(kills)]
        ended = subprocess.run(asked, timeout=60, check=False).returncode
        with closing(sqlite3.connect(file)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        if ended == 0:
            assert version == len(schema.steps())
            break
        assert ended == -signal.SIGKILL
        assert before <= version < len(schema.steps())
        with closing(open_sqlite(file, Access.WRITE)) as record:
            assert not record.verify()
            assert stated(record) == added_up(whole_log(record, 2))
        kills += 1
    assert kills > 4
