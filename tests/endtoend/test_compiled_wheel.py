"""The wheel of machine code holds what the core's tests hold the pure Python to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from tests.places import CHECKOUT, SHARED_DATA

PARTS = ("registry", "tests", "ontologies", "shapes", "queries", "pyproject.toml", "README.md", "LICENSE")
CORE = [
    "tests/rdf", "tests/domain", "tests/stores/test_writer.py", "tests/stores/test_drafts.py",
    "tests/transfer/test_import.py",
    *(f"tests/shacl/test_{name}.py" for name in (
        "w3c", "incremental", "values", "results", "paths", "lexical", "implicit_targets", "refusals", "coverage",
    )),
]  # fmt: skip
ONE_THAT_COUNTS = ("registry.shacl.shapes", "registry.rdf.terms", "registry.domain.decisions")


def _without_what_was_built(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name in {"__pycache__", "target"} or name.endswith(".so")}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout beside whose files their machine code lies."""
    if shutil.which("cc") is None and shutil.which("gcc") is None:
        reason = "needs a C compiler"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    copy = tmp_path_factory.mktemp("compiled") / "checkout"
    copy.mkdir()
    for part in PARTS:
        source = CHECKOUT / part
        if source.is_dir():
            shutil.copytree(source, copy / part, ignore=_without_what_was_built)
        else:
            shutil.copy(source, copy / part)
    # Whether it is right does not hang on how hard the C compiler tries, and the time that it takes does.
    settings = copy / "pyproject.toml"
    settings.write_text(settings.read_text().replace('opt_level = "3"', 'opt_level = "0"'))
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(copy / "dist")]
    environment = {**os.environ, "HATCH_BUILD_HOOK_ENABLE_MYPYC": "1"}
    done = subprocess.run(
        [*build, str(copy)], capture_output=True, text=True, timeout=900, env=environment, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert list((copy / "dist").glob("*-cp3*.whl")), "the wheel is for one interpreter"
    return copy


def _run(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(copy), "REGISTRY_TEST_DATA": str(SHARED_DATA)}
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=900,
        cwd=copy,
        env=environment,
        check=False,
    )


def test_what_runs_is_machine_code_and_doctor_says_so(compiled: Path) -> None:
    for module in ONE_THAT_COUNTS:
        done = _run(compiled, "-c", f"import {module} as module; print(module.__file__)")
        assert done.stdout.strip().endswith(EXTENSION_SUFFIXES[0]), done.stdout + done.stderr
    done = _run(compiled, "-m", "registry", "import", str(compiled / "registry/demo/plant.ttl"), "--data", "data")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "modules are machine code" in _run(compiled, "-m", "registry", "doctor", "--data", "data", "--json").stdout


def test_the_core_holds(compiled: Path) -> None:
    arguments = ["-q", "-p", "no:cacheprovider", "-m", "not soak", "-k", "not neo4j", f"--basetemp={compiled / 'tmp'}"]
    done = _run(compiled, "-m", "pytest", *arguments, *CORE)
    assert done.returncode == 0, done.stdout[-4000:]
