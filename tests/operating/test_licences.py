"""`registry licences`, on what is installed and beside distributions with licences that are not permitted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from registry.services.licences import Verdict, licences, verdict_of


def listed(*folders: Path) -> tuple[int, dict[str, dict[str, object]]]:
    """The exit code and the rows by name, where these folders come before what is installed."""
    done = subprocess.run(
        [sys.executable, "-m", "registry", "licences", "--json"],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))},
    )  # fmt: skip
    return done.returncode, {row["name"]: row for row in json.loads(done.stdout)}


def installed(folder: Path, name: str, *lines: str) -> Path:
    """A distribution that is nothing but metadata."""
    place = folder / f"{name.replace('-', '_')}-99.0.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text("\n".join(("Metadata-Version: 2.4", f"Name: {name}", "Version: 99.0", *lines, "")))
    return folder


def test_everything_that_is_installed_with_the_product_is_permitted() -> None:
    code, found = listed()
    assert code == 0, [row for row in found.values() if not row["permitted"]]
    assert {"rdflib", "owlrl", "idna", "pyarrow"} <= found.keys()
    assert found["owlrl"]["licence"] == "W3C-20150513"
    assert found["pyarrow"]["neededBy"] == "extra parquet"
    assert not {"sparqlwrapper", "hypothesis", "semantic-twin-registry"} & found.keys()


@pytest.mark.parametrize(
    ("name", "line", "code"),
    [
        ("idna", "License-Expression: GPL-3.0-only", 1),
        ("idna", "Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)", 1),
        ("idna", "License-Expression: LGPL-3.0-or-later", 1),
        ("idna", "Summary: says nothing of it", 1),
        ("neo4j-rust-ext", "License-Expression: LGPL-3.0-or-later", 0),
        ("neo4j-rust-ext", "License: SSPL-1.0", 1),
        ("idna", "License-Expression: GPL-2.0-only OR MIT", 0),
    ],
)
def test_what_is_not_permitted_where_it_is_needed_ends_with_one(
    tmp_path: Path, name: str, line: str, code: int
) -> None:
    ended, found = listed(installed(tmp_path, name, line))
    assert (ended, found[name]["version"], found[name]["permitted"]) == (code, "99.0", code == 0)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", Verdict.PERMITTED),
        ("MIT AND (GPL-3.0-only OR AGPL-3.0-only)", Verdict.NOT_PERMITTED),
        ("(LGPL-2.1-only OR GPL-2.0-only) AND MIT", Verdict.ONLY_IN_EXTRAS),
        ("Apache-2.0 WITH LLVM-exception OR GPL-3.0-only", Verdict.PERMITTED),
        ("GPL-2.0-only WITH Classpath-exception-2.0 AND MIT", Verdict.NOT_PERMITTED),
        ("MIT AND (BSD-3-Clause", Verdict.NOT_PERMITTED),
        ("MIT OR", Verdict.NOT_PERMITTED),
        ("BSD-Protection", Verdict.NOT_PERMITTED),
        ("Mitre Proprietary", Verdict.NOT_PERMITTED),
        ("Python Software Foundation License", Verdict.PERMITTED),
        ("Eclipse Public License 2.0 (EPL-2.0)", Verdict.PERMITTED),
        ("BUSL-1.1", Verdict.NOT_PERMITTED),
    ],
)
def test_an_expression_is_read_as_spdx_means_it(text: str, verdict: Verdict) -> None:
    assert verdict_of(text) is verdict


def test_the_rows_are_in_the_order_of_names() -> None:
    names = [one.name for one in licences()]
    assert names == sorted(names)
