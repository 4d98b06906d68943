"""One server for all tests that need no other: each test uses names of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from registry.api.graphql.serve import documents
from tests.graphql.server import Server

REGISTER = """
mutation Register($twin: Iri!, $entity: Iri!, $class: [Name!]!, $name: String, $properties: [PropertyInput!],
                  $template: Name, $points: [PointInput!], $links: [NewLinkInput!], $dryRun: Boolean = false) {
  registerTwin(
    input: {iri: $twin, template: $template, points: $points,
            entity: {iri: $entity, class: $class, name: $name, properties: $properties, links: $links}}
    dryRun: $dryRun
  ) {
    twin { iri state { name } entity { iri name } }
    resource { __typename iri }
    revision
    position
    warnings { message severity path }
    touched { iri revision }
  }
}
"""


@pytest.fixture(scope="session", autouse=True)
def compiled_at_once() -> Iterator[None]:
    """Tests get what users get from the second time on that they ask something."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "COMPILED_AT", 1)
        yield


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("graphql")) as running:
        yield running


_numbers = itertools.count(1)


@pytest.fixture
def fresh() -> Callable[[str], str]:
    """IRIs that no other test uses."""
    number = next(_numbers)
    return lambda name: f"urn:test:{number}:{name}"


Pump = Callable[..., str]


@pytest.fixture
def pump(server: Server, fresh: Callable[[str], str]) -> Pump:
    """Registers the twin of a pump and answers its IRI; the pump is that without ``-twin``."""

    def register(name: str = "pump", **more: object) -> str:
        entity, twin = fresh(name), fresh(f"{name}-twin")
        given = {"name": name.title(), "class": ["Pump"], **more}
        given.setdefault("properties", [{"property": "ratedFlow", "value": 12.5}])
        server.data(REGISTER, twin=twin, entity=entity, **given)
        return twin

    return register
