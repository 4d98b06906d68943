"""The wheel carries what it needs and runs outside a checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.places import CHECKOUT


def test_the_wheel_runs_by_itself(tmp_path: Path) -> None:
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--disable-pip-version-check",
        "--no-deps",
        "-w",
        str(tmp_path),
    ]
    subprocess.run([*build, str(CHECKOUT)], check=True, timeout=240)
    (wheel,) = tmp_path.glob("*.whl")
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(unpacked)
    assert {"registry/share/ontologies/core.ttl", "registry/share/shapes/plant.ttl", "registry/demo/plant.ttl",
            "registry/share/queries/sql/schema-1.sql", "registry/api/http/pages/home.js",
            "registry/share/ontologies/alignments/prov.ttl", "registry/ontology/reasoner/Reasoner.java",
            "registry/ontology/reasoner/pom.xml", "registry/services/documentation/style.css"} <= names  # fmt: skip
    assert not [name for name in names if name.startswith("tests/") or "/tests/" in name]
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    script = "import registry, sys; assert registry.__file__.startswith(sys.argv[1]), registry.__file__"
    command = [sys.executable, "-P", "-c", script, str(unpacked)]
    subprocess.run(command, check=True, cwd=tmp_path, env=environment, timeout=60)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "registry", "import", str(unpacked / "registry/demo/plant.ttl"), "--json"],
        check=True, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert json.loads(done.stdout)["stored"] > 40
