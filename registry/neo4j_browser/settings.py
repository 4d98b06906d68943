"""What a Neo4j server must be told so that its Browser loads our style sheet and guide, and the link that opens it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

from registry.errors import BadInput
from registry.neo4j_browser.routes import GUIDE_PATH, STYLE_PATH

BROWSER_PORT = 7474
_BOLT_PORT = 7687
_ALLOWED_AT_FIRST = ("guides.neo4j.com", "localhost")
"""What a server allows whose setting is empty; a setting replaces it."""


def server_settings(registry: str) -> Mapping[str, str]:
    """The two lines of ``neo4j.conf``; ``registry`` is the address under which Browser reaches this registry."""
    host = urlsplit(registry).hostname or ""
    return {
        "browser.post_connect_cmd": f"style {registry}{STYLE_PATH}; play {registry}{GUIDE_PATH}",
        "browser.remote_content_hostname_whitelist": ",".join(dict.fromkeys([*_ALLOWED_AT_FIRST, host])),
    }


def browser_link(store: str, browser: str = "") -> str:
    """The address that opens Browser on a store; connected where the server asks for no password.

    ``browser`` is the server's HTTP address, port 7474 of the store's host without it. A password is never part of
    the link, a user is. Raises BadInput for a store that is no Neo4j database.
    """
    parts = urlsplit(store)
    try:
        port = parts.port or _BOLT_PORT
    except ValueError as error:
        raise BadInput(f"{error}", argument="store") from error
    if parts.scheme.partition("+")[0] not in ("neo4j", "bolt") or not parts.hostname:
        raise BadInput("Neo4j Browser needs a Neo4j store: --store neo4j://HOST", argument="store")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    user = f"{parts.username}@" if parts.username else ""
    asked = {"dbms": f"{parts.scheme}://{user}{host}:{port}"}
    if parts.path.strip("/"):
        asked["db"] = parts.path.strip("/")
    asked["preselectAuthMethod"] = "NATIVE" if user else "NO_AUTH"
    return f"{browser or f'http://{host}:{BROWSER_PORT}'}/browser/?{urlencode(asked, safe=':/@[]', quote_via=quote)}"
