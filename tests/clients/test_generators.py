"""Programs that write code from the schema of a served registry: graphql-codegen and relay-compiler."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from graphql import build_client_schema, get_introspection_query, print_schema

from tests.endtoend.serving import ServingRegistry
from tests.npm import installed

PACKAGES = (
    "@graphql-codegen/cli@7",
    "@graphql-codegen/typescript@6",
    "@graphql-codegen/typescript-operations@6",
    "graphql@16",
    "relay-compiler@21", "typescript@7",
)  # fmt: skip
SCALARS = {
    "Iri": "string", "Name": "string", "DateTime": "string", "Position": "number", "Revision": "number",
           "Value": "string | number | boolean",
           "Decimal": "number | string", "Integer": "number | string",
}  # fmt: skip
QUERY = """query Pumps($first: Int!, $after: String) {
  pumps(first: $first, after: $after) { edges { cursor node { iri name ratedFlow revision } }
    pageInfo { hasNextPage endCursor } } }
"""
USE = """import type { PumpsQuery, PumpsQueryVariables } from "./types";
const asked: PumpsQueryVariables = { first: 10 };
export const flows = (answer: PumpsQuery) => answer.pumps.edges.map((edge) => (edge.node?.revision ?? 0) + asked.first);
"""


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingRegistry]:
    with ServingRegistry(tmp_path_factory.mktemp("generators")) as serving:
        yield serving


@pytest.fixture(scope="module")
def tools() -> Path:
    return installed("javascript-generators", *PACKAGES) / "node_modules"


def run(tools: Path, folder: Path, name: str, *arguments: str) -> None:
    """Run a program of npm in a folder that finds the same packages."""
    link = folder / "node_modules"
    if not link.exists():
        link.symlink_to(tools)
    done = subprocess.run(
        [str(tools / ".bin" / name), *arguments], cwd=folder, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


def test_graphql_codegen_with_a_map_of_scalars(registry: ServingRegistry, tools: Path, tmp_path: Path) -> None:
    (tmp_path / "pumps.graphql").write_text(QUERY)
    config = {"scalars": SCALARS, "strictScalars": True}
    plan = {
        "schema": f"{registry.address}/graphql",
        "documents": "pumps.graphql",
        "generates": {"types.ts": {"plugins": ["typescript", "typescript-operations"], "config": config}},
    }
    (tmp_path / "codegen.json").write_text(json.dumps(plan))
    run(tools, tmp_path, "graphql-codegen", "--config", "codegen.json")
    written = (tmp_path / "types.ts").read_text()
    assert "PumpsQueryVariables" in written
    assert "ratedFlow" in written
    (tmp_path / "use.ts").write_text(USE)
    run(tools, tmp_path, "tsc", "--noEmit", "--strict", "--skipLibCheck", "use.ts")


def test_relay_compiler(registry: ServingRegistry, tools: Path, tmp_path: Path) -> None:
    asked = {"query": get_introspection_query(input_value_deprecation=True)}
    told = httpx.post(f"{registry.address}/graphql", json=asked, timeout=60).json()["data"]
    (tmp_path / "schema.graphql").write_text(print_schema(build_client_schema(told)))
    source = tmp_path / "src"
    source.mkdir()
    named = QUERY.replace("query Pumps(", "query appPumpsQuery(")
    (source / "app.js").write_text(
        f'import {{ graphql }} from "relay-runtime";\nexport const query = graphql`{named}`;\n'
    )
    plan = {"src": "./src", "schema": "./schema.graphql", "language": "typescript", "customScalarTypes": SCALARS}
    (tmp_path / "relay.config.json").write_text(json.dumps({**plan, "eagerEsModules": True}))
    run(tools, tmp_path, "relay-compiler", "relay.config.json")
    written = (source / "__generated__" / "appPumpsQuery.graphql.ts").read_text()
    assert "appPumpsQuery$variables" in written
    assert "readonly revision: number" in written
