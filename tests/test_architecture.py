"""Rules of structure that matter are tests: layers, sizes, and who may build concrete things."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

from tests.places import CHECKOUT

LAYERS = ["rdf", "ontology", "shacl", "access", "domain", "stores", "log", "sparql", "services", "capability", "api"]
CAPABILITIES = {"neo4j_browser"}
"""Rooms that stand on the core and never import each other; surfaces do not import them either."""
COMMANDS_MAY_IMPORT = {"app", "cli", "settings"}
ANYONE_MAY_IMPORT = {
    "registry", "registry.bounded_cache", "registry.capability", "registry.errors", "registry.garbage",
    "registry.private", "registry.share", "registry.turns",
}  # fmt: skip
TOP = {"app", "settings", "cli", "demo", "__main__"}
CONCRETE = {"registry.stores.sqlite", "registry.stores.neo4j"}
FILE_LINES = 400
FUNCTION_LINES = 70

SOURCES = sorted((CHECKOUT / "registry").rglob("*.py"))
PYTHON = SOURCES + sorted((CHECKOUT / "tests").rglob("*.py"))


def names(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{names(path)}:{node.lineno}: relative import"
            assert node.module is not None
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name == "registry" or name.startswith("registry.")}


def layer(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


@pytest.mark.parametrize("path", SOURCES, ids=names)
def test_a_file_imports_only_from_its_layer_and_those_to_its_left(path: Path) -> None:
    inside = path.relative_to(CHECKOUT / "registry").with_suffix("").parts
    own = inside[0]
    if own in TOP or own in {
        "__init__",
        "bounded_cache",
        "capability",
        "errors",
        "garbage",
        "private",
        "share",
        "turns",
    }:
        return
    allowed = {*LAYERS[: LAYERS.index("capability" if own in CAPABILITIES else own)], own}
    if own in CAPABILITIES and inside[-1] == "commands":
        allowed |= COMMANDS_MAY_IMPORT
    if own == "api":
        allowed -= {"capability"}
    wrong = sorted(m for m in imports(path) if layer(m) not in allowed and m not in ANYONE_MAY_IMPORT
                   and m.rpartition(".")[0] not in ANYONE_MAY_IMPORT - {"registry"})  # fmt: skip
    assert not wrong, f"{names(path)} reaches to the right: {wrong}"


@pytest.mark.parametrize("folder", sorted({path.parent for path in SOURCES}), ids=names)
def test_a_folder_says_in_one_sentence_what_lives_there(folder: Path) -> None:
    start = folder / "__init__.py"
    assert start.is_file(), f"{names(folder)} has no __init__.py"
    sentence = (ast.get_docstring(ast.parse(start.read_text(encoding="utf-8"))) or "").split("\n")[0]
    assert sentence.endswith("."), f"{names(start)} does not say what lives there"


@pytest.mark.parametrize("path", SOURCES, ids=names)
def test_only_the_composition_root_and_the_stores_name_a_concrete_store(path: Path) -> None:
    parts = path.relative_to(CHECKOUT / "registry").parts
    if parts[0] == "app" or parts[:2] in {("stores", "sqlite"), ("stores", "neo4j")}:
        return
    wrong = sorted(m for m in imports(path) if any(m == c or m.startswith(c + ".") for c in CONCRETE))
    assert not wrong, f"{names(path)} names a concrete store: {wrong}"


@pytest.mark.parametrize("path", PYTHON, ids=names)
def test_a_file_is_short(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= FILE_LINES, f"{names(path)} has {lines} lines"


@pytest.mark.parametrize("path", PYTHON, ids=names)
def test_a_function_is_short_and_what_is_public_says_what_it_is_for(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree) is not None or not tree.body, f"{names(path)} has no docstring"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= FUNCTION_LINES, f"{names(path)}:{node.lineno}: {node.name} has {lines} lines"
    if path not in SOURCES:
        return
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{names(path)}:{node.lineno}: {node.name} has no docstring"


def test_the_repository_names_no_machine_and_no_package_registry() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    hosts = ["pypi" + ".org", "registry.npmjs" + ".org", "repo.maven" + ".apache", "/root" + "/", "/work" + "/"]
    for name in tracked.splitlines():
        path = CHECKOUT / name
        if path.suffix in {".png", ".ico"} or not path.is_file():
            continue
        content = path.read_text(encoding="utf-8", errors="replace")
        assert not [host for host in hosts if host in content], name
