"""`registry import` where a process serves the data folder: files are streamed to it, and its report comes back."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from registry.errors import BadInput, StoreUnavailable
from registry.rdf.syntax import Syntax, syntax_of


class Refused(StoreUnavailable):
    """What a server refused, with its code; ``violations`` are those it told, as JSON values, ``report`` its graph."""

    def __init__(self, refusal: Mapping[str, Any]) -> None:
        super().__init__(str(refusal.get("message", "")))
        self.code = str(refusal.get("code", "INTERNAL"))
        self.violations: Sequence[Mapping[str, Any]] = refusal.get("violations", ())
        self.report = str(refusal.get("report", ""))


def import_there(
    address: str, files: Sequence[Path], syntax: Syntax | None, options: Mapping[str, Any], languages: Sequence[str],
    progress: Callable[[str, int, int], None],
) -> dict[str, Any]:  # fmt: skip
    """Have a server import files as one graph; the result is what `registry import --json` prints.

    Raises Refused for what the server refuses, BadInput for a file that is not there, StoreUnavailable where the server
    goes away.
    """
    syntaxes = [syntax or syntax_of(file.name) for file in files]
    uploads = []
    for file, kind in zip(files, syntaxes, strict=True):
        where = urlencode({"name": str(file)})
        try:
            with file.open("rb") as source:
                headers = {"Content-Type": kind.media_type, "Content-Length": str(file.stat().st_size)}
                request = urllib.request.Request(f"{address}/import/files?{where}", source, headers)
                uploads.append(_answer(address, request, progress)["upload"])
        except OSError as error:
            raise BadInput(f"{file}: {error.strerror}", argument="file") from error
    body = json.dumps({"uploads": uploads, "options": options}).encode()
    headers = {"Content-Type": "application/json", "Accept-Language": ", ".join(languages) or "*"}
    return _answer(address, urllib.request.Request(f"{address}/import", body, headers), progress)


def _answer(address: str, request: urllib.request.Request, progress: Callable[[str, int, int], None]) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(request) as response:
            for line in response:
                told: dict[str, Any] = json.loads(line)
                if "stage" in told:
                    progress(told["stage"], told["done"], told["total"])
                elif "error" in told:
                    raise Refused(told["error"])
                else:
                    result: dict[str, Any] = told.get("result", told)
                    return result
    except urllib.error.HTTPError as error:
        problem = json.loads(error.read())
        raise Refused({**problem, "message": problem.get("detail", "")}) from error
    except (OSError, ValueError) as error:
        raise StoreUnavailable(f"the server at {address} broke off: {error}; import the same files again") from error
    raise StoreUnavailable(f"the server at {address} broke off before it was done: import the same files again")
