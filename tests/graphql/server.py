"""A registry on a free loopback port in this process: a real record, a real uvicorn, and a count of its reads."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import httpx
import uvicorn
from starlette.applications import Starlette

from registry.access.principal import Principal
from registry.api.graphql.fixed.context import Services
from registry.api.graphql.serve.limits import Limits
from registry.api.graphql.serve.routes import create_graphql
from registry.api.http.problems import HANDLERS
from registry.app.websocket_protocol import WebSockets
from registry.domain.releases.release import Release
from registry.log.feed import Feed
from registry.ontology.modules import Module, standard_modules
from registry.services.audit.audit import Audit
from registry.services.catalogue import Catalogue
from registry.services.releases.ontologies import Ontologies
from registry.services.twins import Twins
from registry.stores.open_mode import Access
from registry.stores.port import Record
from registry.stores.sqlite.record import open_sqlite
from registry.stores.writer import Writer


class Counting:
    """A record that counts the questions it is asked."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._record, name)
        if name in {
            "resources",
            "find",
            "incoming",
            "incoming_counts",
            "history",
            "entries",
            "sources",
            "incoming_each",
            "tally",
        }:
            self.calls[name] += 1
        return found

    def view(self) -> Counting:
        """Reads outside a group are counted too."""
        return self


class Server:
    """Serves a data folder, or a record of another store, until it is stopped; then it can be started again."""

    def __init__(
        self,
        folder: Path,
        limits: Limits | None = None,
        opener: Callable[[], Record] | None = None,
        modules: Sequence[Module] | None = None,
    ) -> None:
        file = folder / "registry.db"
        self._open = opener or (lambda: open_sqlite(file, Access.WRITE))
        self.open_to_read = partial(open_sqlite, file, Access.READ)
        self._limits = limits or Limits()
        self._modules = modules or standard_modules()
        self.address = ""
        self.start()

    def start(self) -> None:
        """Open the record and answer on a free port."""
        self.record = self._open()
        self.counting = Counting(self.record)
        store = cast(Record, self.counting)
        self.ontologies = ontologies = Ontologies(self.record, self._modules, Access.WRITE)
        self.feed = Feed(store)
        self.writer = Writer(self.record, ontologies.active)
        self.writer.follow(self.feed.wake)
        self.twins = Twins(self.writer, ontologies.active)
        catalogue = Catalogue(store, ontologies)
        audit = Audit(store, ontologies.active, self.open_to_read)
        services = Services(self.twins, catalogue, self.feed, audit)
        routes = create_graphql(services, lambda connection: Principal("tester"), self._limits).routes
        app = Starlette(routes=routes, exception_handlers=HANDLERS)
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.websocket = self.address.replace("http", "ws") + "/graphql"
        config = uvicorn.Config(
            app, log_level="warning", timeout_graceful_shutdown=1, timeout_keep_alive=60, ws=WebSockets,
            ws_per_message_deflate=False,
        )  # fmt: skip
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._uvicorn.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        while not self._uvicorn.started:
            assert self._thread.is_alive()
            time.sleep(0.01)

    def stop(self) -> None:
        """End every connection and release the record."""
        self._uvicorn.should_exit = True
        self._thread.join(20)
        self.writer.close()
        self.record.close()

    def activate(self, release: Release) -> None:
        """Make another release the active one, for all that comes from now on."""
        self.ontologies._active = release

    def restart(self) -> None:
        """Stop, and serve the same folder again on another port."""
        self.stop()
        self.start()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The answer to a GraphQL document, errors and all."""
        answer = httpx.post(f"{self.address}/graphql", json={"query": query, "variables": variables}, timeout=30)
        decoded: dict[str, Any] = answer.json()
        return decoded

    def data(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer that has no errors."""
        answer = self.ask(query, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    def refused(self, query: str, **variables: Any) -> dict[str, Any]:
        """The first error of an answer, its extensions beside its message."""
        answer = self.ask(query, **variables)
        assert answer.get("errors"), answer
        error = answer["errors"][0]
        return {"message": error["message"], **error["extensions"]}
