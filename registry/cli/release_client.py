"""Where commands about releases are carried out: by the process that serves a data folder, or here where none does."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from registry.errors import BadInput, ImpactUnanswered, OntologyRejected, RegistryError, StoreUnavailable
from registry.settings import Settings

Progress = Callable[[str, int, int], None]
Told = dict[str, Any]


class Desk(Protocol):
    """Takes names of releases and texts of modules, and answers as HTTP does."""

    def publish(self, texts: Mapping[str, str], without: Sequence[str], message: str) -> Told:
        """A draft and how it differs."""

    def compare(self, before: str, after: str) -> Told:
        """How two releases differ."""

    def impact(self, name: str, migration: Told, progress: Progress) -> Told:
        """What a release would mean for what is stored."""

    def activate(self, name: str, waivers: Sequence[Mapping[str, str]], migration: Told, progress: Progress) -> Told:
        """The position at which a release came into force; ``previous`` names the one before."""


@contextmanager
def desk(settings: Settings) -> Iterator[Desk]:
    """The desk of a data folder."""
    from registry.app.announcement import serving_address
    from registry.app.core import open_registry

    address = serving_address(settings.data)
    if address is not None:
        yield ServerDesk(address)
        return
    registry = open_registry(settings)
    try:
        yield LocalDesk(registry)
    finally:
        registry.close()


class LocalDesk:
    """Works on an opened registry."""

    def __init__(self, registry: Any) -> None:
        self._registry = registry

    def publish(self, texts: Mapping[str, str], without: Sequence[str], message: str) -> Told:
        """A draft and how it differs."""
        from registry.api.http.releases import draft_json
        from registry.app.core import graph_words
        from registry.services.releases.ontologies import modules_from

        draft = self._registry.releases.publish(self._registry.principal, modules_from(texts), without, message)
        return draft_json(draft, self._registry.ontologies.active().digest, graph_words(self._registry))

    def compare(self, before: str, after: str) -> Told:
        """How two releases differ."""
        from registry.api.http.comparison import comparison_json
        from registry.app.core import graph_words

        comparison, earlier, later = self._registry.releases.compare(self._registry.principal, before, after)
        return comparison_json(comparison, earlier, later, graph_words(self._registry))

    def impact(self, name: str, migration: Told, progress: Progress) -> Told:
        """What a release would mean for what is stored."""
        from registry.api.http.releases import migration_of

        found: Told = self._registry.releases.impact(
            self._registry.principal, name, progress, migration_of(migration)
        ).as_json()
        return found

    def activate(self, name: str, waivers: Sequence[Mapping[str, str]], migration: Told, progress: Progress) -> Told:
        """The position at which a release came into force."""
        from registry.api.http.releases import migration_of
        from registry.domain.releases.impact import Waiver

        releases = self._registry.releases
        chosen = releases.previous() if name == "previous" else name
        given = [Waiver(waiver["shape"], waiver["reason"]) for waiver in waivers]
        receipt = releases.activate(self._registry.principal, chosen, given, migration_of(migration), progress)
        return {"position": receipt.position, "release": self._registry.ontologies.active().digest}


class ServerDesk:
    """Asks a serving process over HTTP."""

    def __init__(self, address: str) -> None:
        self._address = address

    def publish(self, texts: Mapping[str, str], without: Sequence[str], message: str) -> Told:
        """A draft and how it differs."""
        given = {"modules": dict(texts), "without": list(without), "message": message}
        return self._result("/releases", given, lambda *told: None)

    def compare(self, before: str, after: str) -> Told:
        """How two releases differ."""
        return self._result(f"/releases/{quote(after)}/comparison?{urlencode({'from': before})}", None, lambda *t: None)

    def impact(self, name: str, migration: Told, progress: Progress) -> Told:
        """What a release would mean for what is stored."""
        return self._result(f"/releases/{quote(name)}/impact", {"migration": migration}, progress)

    def activate(self, name: str, waivers: Sequence[Mapping[str, str]], migration: Told, progress: Progress) -> Told:
        """The position at which a release came into force."""
        given = {"waivers": list(waivers), "migration": migration}
        return self._result(f"/releases/{quote(name)}/activation", given, progress)

    def _result(self, path: str, given: Told | None, progress: Progress) -> Told:
        body = None if given is None else json.dumps(given).encode()
        request = urllib.request.Request(self._address + path, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request) as response:
                for line in response:
                    told: Told = json.loads(line)
                    if "stage" in told:
                        progress(told["stage"], told["done"], told["total"])
                    elif "error" in told:
                        raise _error(told["error"])
                    else:
                        result: Told = told.get("result", told)
                        return result
        except urllib.error.HTTPError as error:
            problem = json.loads(error.read())
            raise _error({**problem, "message": problem["detail"]}) from error
        except urllib.error.URLError as error:
            raise StoreUnavailable(f"the server at {self._address} does not answer: {error.reason}") from error
        raise StoreUnavailable(f"the server at {self._address} broke off before it was done")


def _error(told: Mapping[str, Any]) -> RegistryError:
    """The error that a server told, as if it had been raised here."""
    message = str(told["message"])
    match told.get("code"):
        case "ONTOLOGY_REJECTED":
            return OntologyRejected(message, told.get("findings", ()))
        case "IMPACT_UNANSWERED":
            return ImpactUnanswered(message, told.get("shapes", ()))
        case "BAD_INPUT":
            return BadInput(message)
    return StoreUnavailable(message)
