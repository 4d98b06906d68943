"""What is measured beside us: the same rows, bytes and checks without the registry."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PLAIN_SERVER = """
import sys, orjson, uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
content = orjson.loads(open(sys.argv[2], "rb").read())
async def answer(request):
    await request.body()
    return Response(orjson.dumps(content), media_type="application/json")
app = Starlette(routes=[Route("/graphql", answer, methods=["POST"])])
uvicorn.run(app, port=int(sys.argv[1]), log_level="error")
"""


class PlainServer:
    """Starlette and orjson answering the very bytes of ours: the limit for any Python server of this kind."""

    def __init__(self, port: int, content: Path) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen([sys.executable, "-c", PLAIN_SERVER, str(port), str(content)])
        time.sleep(1.5)

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


def bare_commits(file: Path, document: bytes) -> Callable[[], int]:
    """One durable update of a document with a log row, without checks: what SQLite itself allows on this disk."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE node (id INTEGER PRIMARY KEY, document BLOB)")
    connection.execute("CREATE TABLE entry (position INTEGER PRIMARY KEY, body BLOB)")
    connection.execute("INSERT INTO node VALUES (1, ?)", (document,))

    def work() -> int:
        for _ in range(300):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("UPDATE node SET document = ? WHERE id = 1", (document,))
            connection.execute("INSERT INTO entry (body) VALUES (?)", (document,))
            connection.execute("COMMIT")
        return 300

    return work
