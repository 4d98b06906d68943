"""A page for queries, such as YASGUI, on another origin: it asks `/sparql` from Chromium and shows the rows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.endtoend.browser import browser_page
from tests.endtoend.serving import ServingRegistry
from tests.fuzz.wire import REGISTER

PAGE = """<!doctype html><meta charset="utf-8"><title>Queries</title><link rel="icon" href="data:,">
<table id="rows"></table><p id="fault"></p>
<script>
async function ask(endpoint, query, method) {
  const table = document.getElementById("rows"), fault = document.getElementById("fault");
  table.replaceChildren(); fault.textContent = "";
  const body = new URLSearchParams({ query });
  const headers = { Accept: "application/sparql-results+json,*/*;q=0.9" };
  try {
    const answer = method === "POST"
      ? await fetch(endpoint, { method, headers, body })
      : await fetch(`${endpoint}?${body}`, { headers });
    const found = await answer.json();
    if (!answer.ok) { fault.textContent = found.code; return; }
    for (const row of found.results.bindings)
      for (const name of found.head.vars) table.insertRow().insertCell().textContent = `${name} ${row[name].value}`;
  } catch (error) { fault.textContent = `refused: ${error.message}`; }
}
</script>
"""
QUERY = "SELECT ?s ?flow { ?s a plant:Pump ; plant:ratedFlow ?flow }"
SHOWN = "[...document.querySelectorAll('#rows td'), document.getElementById('fault')].map(e => e.textContent)"


class Handler(BaseHTTPRequestHandler):
    """Answers the page to whoever asks."""

    def do_GET(self) -> None:
        content = PAGE.encode()
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def page_served() -> Iterator[str]:
    """The origin of a server that has the page, on a port of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_page_of_an_allowed_origin_asks_and_shows_rows_and_another_is_refused(tmp_path: Path) -> None:
    with (
        page_served() as allowed,
        page_served() as other,
        ServingRegistry(tmp_path, environment={"REGISTRY_ALLOWED_ORIGINS": allowed}) as registry,
        browser_page(allowed) as page,
    ):
        assert "errors" not in registry.ask(REGISTER, n="urn:t:1", e="urn:e:1", s="S1")
        registry.sparql(QUERY)

        def shown(method: str, query: str = QUERY) -> list[str]:
            page.wait_for("typeof ask === 'function' && document.readyState === 'complete'")
            asking = f"ask('{registry.address}/sparql', {query!r}, '{method}').then(() => {SHOWN})"
            found: list[str] = page.evaluate(asking)
            return found

        for method in ("POST", "GET"):
            assert shown(method) == ["s urn:e:1", "flow 5.5", ""]
        assert shown("POST", "SELECT nonsense") == ["BAD_INPUT"], "a page may read why it is refused"
        page.command("Page.navigate", url=other)
        page.wait_for(f"location.origin === '{other}'")
        for method in ("POST", "GET"):
            assert shown(method) == ["refused: Failed to fetch"]
