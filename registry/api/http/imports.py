"""``/import``: RDF files that are sent to a running registry, and imported as `registry import` does.

A file may be imported as it arrives, or several are left at ``/import/files`` first and then imported as one graph,
because files link to each other. What is left there goes after its import, after an hour, and when the registry starts.
"""

from __future__ import annotations

import asyncio
import io
import secrets
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from registry.access.principal import Principal
from registry.api.authentication import Authenticate
from registry.api.http.long_work import in_lines
from registry.api.http.negotiation import RDF_TYPES
from registry.api.json_text import json_bytes
from registry.errors import BadInput, NotFound, ShapesViolated, StoreUnavailable, TooLarge
from registry.ontology.names import Names
from registry.private import make_file, make_folder
from registry.rdf.languages import accepted
from registry.rdf.repair import is_iri
from registry.rdf.syntax import Leniency, syntax_of, write
from registry.rdf.terms import Iri
from registry.rdf.vocabulary import DASH, SH
from registry.services.transfer.files import Source
from registry.services.transfer.importer import ImportOptions, OnFault, Transfer
from registry.shacl.reports.graph import Violation
from registry.shacl.reports.results import report

KEPT_SECONDS = 3600.0
"""So long a file waits for its import."""
_CHUNK_BYTES = 1_000_000
_OPTIONS = frozenset({"strict", "owed", "lenient", "dry-run", "adopt", "base", "report"})
Progress = Callable[[str, int, int], None]


class Cancelled(StoreUnavailable):
    """Nobody waits for the import any more, or the registry stops."""


class Uploads:
    """Files that wait to be imported, in a folder for the owner alone; together at most ``most_bytes``."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self._folder = folder
        self._most_bytes = most_bytes
        self._waiting: dict[str, Source] = {}
        self._bytes: dict[str, int] = {}

    async def receive(self, request: Request) -> str:
        """Write the body of a request to a file; returns what it is called. Raises TooLarge, and keeps nothing then."""
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in RDF_TYPES:
            raise BadInput(f"a file is sent as one of {', '.join(RDF_TYPES)}", "content-type")
        upload = secrets.token_urlsafe(16)
        path = self._folder / upload
        name, base = request.query_params.get("name", "the document")[:500], _base(request.query_params.get("base"))
        self._bytes[upload] = 0
        try:
            await asyncio.to_thread(make_folder, self._folder)
            await asyncio.to_thread(make_file, path)
            await self._write(request, upload, path)
        except BaseException as error:
            self._bytes.pop(upload, None)
            path.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise StoreUnavailable(f"the file cannot be kept: {error.strerror}") from error
            raise
        self._waiting[upload] = Source(path, name, base, RDF_TYPES[media_type])
        asyncio.get_running_loop().call_later(KEPT_SECONDS, self._expire, upload)
        return upload

    async def _write(self, request: Request, upload: str, path: Path) -> None:
        waiting = bytearray()
        with path.open("ab", buffering=0) as out:
            async for chunk in request.stream():
                self._bytes[upload] += len(chunk)
                if sum(self._bytes.values()) > self._most_bytes:
                    raise TooLarge(
                        f"files that wait to be imported may have {self._most_bytes:,} bytes together: import or wait "
                        "for those that were sent before, or raise `import_bytes`",
                        limit=self._most_bytes,
                    )
                waiting += chunk
                if len(waiting) >= _CHUNK_BYTES:
                    await asyncio.to_thread(out.write, bytes(waiting))
                    waiting.clear()
            await asyncio.to_thread(out.write, bytes(waiting))

    def take(self, uploads: Sequence[str]) -> list[Source]:
        """The files of some names, which nobody can take again. Raises NotFound, and takes none then."""
        for upload in uploads:
            if upload not in self._waiting:
                raise NotFound(f"no file {upload!r} waits: it was imported, or an hour is over: send it again")
        return [self._waiting.pop(upload) for upload in dict.fromkeys(uploads)]

    def drop(self, sources: Sequence[Source]) -> None:
        """Remove files that were taken."""
        for source in sources:
            source.path.unlink(missing_ok=True)
            self._bytes.pop(source.path.name, None)

    def _expire(self, upload: str) -> None:
        if source := self._waiting.pop(upload, None):
            self.drop([source])


class Imports:
    """Runs one import after the other, beside everything else; `stop` ends the one that runs at its next step."""

    def __init__(self, transfer: Transfer, uploads: Uploads) -> None:
        self.uploads = uploads
        self._transfer = transfer
        self._stopped = threading.Event()
        # Imports that wait for their turn hold no thread that others want.
        self._turn = ThreadPoolExecutor(1, "import")

    def answer(
        self, principal: Principal, sources: Sequence[Source], options: ImportOptions, languages: Sequence[str],
        report_syntax: str,
    ) -> Response:  # fmt: skip
        """Lines of JSON: how far the import is, and at last what became of it."""
        gone = threading.Event()

        def work(progress: Progress) -> dict[str, Any]:
            def step(stage: str, done: int, total: int) -> None:
                # Once the first batch is stored the rest follows, whoever waits: it was judged as a whole.
                if self._stopped.is_set() or (gone.is_set() and stage != "store"):
                    raise Cancelled("the import was ended before it was done: import the same files again to go on")
                progress(stage, done, total)

            try:
                step("read", 0, 0)
                result = self._transfer.import_files(principal, sources, options, step)
                told = result.as_json(languages)
                return {**told, **_report(result.violations, report_syntax)}
            except ShapesViolated as refused:
                refused.details = {**refused.details, **_report(refused.violations, report_syntax)}
                raise
            finally:
                self.uploads.drop(sources)

        async def run(work: Callable[[Progress], dict[str, Any]], progress: Progress) -> dict[str, Any]:
            return await asyncio.get_running_loop().run_in_executor(self._turn, work, progress)

        return in_lines(work, run, gone.set)

    def stop(self) -> None:
        """End what runs and what waits. Batches that are stored stay, and the same import goes on behind them."""
        self._stopped.set()
        self._turn.shutdown(wait=True)


def routes(imports: Imports, names: Callable[[], Names], authenticate: Authenticate) -> list[Route]:
    """The routes of imports; ``names`` resolves the classes to adopt."""

    async def leave(request: Request) -> Response:
        authenticate(request)
        try:
            upload = await imports.uploads.receive(request)
        except ClientDisconnect:
            return Response(status_code=400)
        return Response(json_bytes({"upload": upload}), 201, media_type="application/json")

    async def run(request: Request) -> Response:
        principal = authenticate(request)
        languages = accepted(request.headers.get("accept-language", ""))
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
            uploads, given = _uploads_and_options(await request.body())
            options, report_syntax = _options(given, names())
            sources = imports.uploads.take(uploads)
        else:
            query = request.query_params
            given = {
                name: query.getlist(name) if name == "adopt" else query[name] for name in query if name in _OPTIONS
            }
            options, report_syntax = _options(given, names())
            try:
                sources = imports.uploads.take([await imports.uploads.receive(request)])
            except ClientDisconnect:
                return Response(status_code=400)
        return imports.answer(principal, sources, options, languages, report_syntax)

    return [Route("/import", run, methods=["POST"]), Route("/import/files", leave, methods=["POST"])]


def _uploads_and_options(body: bytes) -> tuple[list[str], Mapping[str, Any]]:
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"the body is not JSON: {error}") from error
    uploads = given.get("uploads") if isinstance(given, dict) else None
    if not isinstance(uploads, list) or not uploads or not all(isinstance(upload, str) for upload in uploads):
        raise BadInput("`uploads` lists what `POST /import/files` answered", "uploads")
    options = given.get("options", {})
    if not isinstance(options, dict):
        raise BadInput("`options` is an object", "options")
    return uploads, options


def _options(given: Mapping[str, Any], names: Names) -> tuple[ImportOptions, str]:
    unknown = sorted(set(given) - _OPTIONS)
    if unknown:
        raise BadInput(f"there is no option {unknown[0]!r}; known are {', '.join(sorted(_OPTIONS))}", unknown[0])
    adopt = given.get("adopt", [])
    if not isinstance(adopt, list) or not all(isinstance(name, str) for name in adopt):
        raise BadInput("`adopt` lists classes", "adopt")
    owed, strict = _is_on(given, "owed"), _is_on(given, "strict")
    if owed and strict:
        raise BadInput("`owed` keeps what breaks a shape and `strict` refuses all of it: choose one", "owed")
    report_syntax = str(given.get("report", ""))
    if report_syntax:
        syntax_of(report_syntax)
    options = ImportOptions(
        None,
        tuple(names.resolve(name, "adopt") for name in adopt),
        OnFault.OWE if owed else OnFault.REFUSE_ALL if strict else OnFault.LEAVE_OUT,
        Leniency.LENIENT if _is_on(given, "lenient") else Leniency.STRICT,
        _is_on(given, "dry-run"),
        _base(given.get("base")),
    )
    return options, report_syntax


def _is_on(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name, False)
    known = {"true": True, "": True, "false": False}
    if isinstance(value, str) and value in known:
        return known[value]
    if not isinstance(value, bool):
        raise BadInput(f"`{name}` is true or false", name)
    return value


def _base(given: object) -> Iri | None:
    if given is None or (isinstance(given, str) and is_iri(given)):
        return given
    raise BadInput(f"`base` is an absolute IRI, and {str(given)[:200]!r} is none", "base")


def _report(violations: Sequence[Violation], syntax: str) -> dict[str, Any]:
    """The SHACL report as text, where one is asked for."""
    if not syntax:
        return {}
    out = io.BytesIO()
    write(report(violations), syntax_of(syntax), out, {"sh": SH, "dash": DASH})
    return {"report": out.getvalue().decode()}
