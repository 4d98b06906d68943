"""Whose pages may use this registry: decided from what a browser says of where a request comes from, and nothing else.

A page elsewhere can point a name of its own at this machine (DNS rebinding), post forms (cross-site request forgery)
and embed answers; a browser tells of each by ``Host``, ``Origin`` (RFC 6454) and ``Sec-Fetch-Site`` (W3C Fetch
Metadata). Programs that are no browser send none but the first.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from registry.errors import BadInput, NotAllowed

_PLACE = r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z](?:[0-9A-Za-z._-]*[0-9A-Za-z])?)(?::([0-9]{1,5}))?"
_HOST = re.compile(_PLACE)
_ORIGIN = re.compile(rf"(https?)://{_PLACE}")
_DEFAULT_PORTS: Mapping[str, int] = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_SECURE = {"https", "wss"}

Address: TypeAlias = tuple[bool, str, int]
"""Whether it is over TLS, the host's name in lower case without brackets, and the port."""


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be this machine."""
    name = host.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Origins:
    """``hosts`` are the names that the registry answers to beside loopback, ``pages`` the origins it shares with."""

    hosts: frozenset[str] = frozenset()
    pages: frozenset[Address] = frozenset()

    @classmethod
    def of(cls, host_names: str, allowed_origins: str) -> Origins:
        """From two settings, each separated by commas. Raises BadInput for what is no name or no origin."""
        hosts, pages = set(), set()
        for text in filter(None, map(str.strip, host_names.split(","))):
            found = _HOST.fullmatch(text)
            if found is None or found[2]:
                raise BadInput(f"{text!r} in `host_names` is no host name such as twins.example.org", "host_names")
            hosts.add(_name(found[1]))
        for text in filter(None, map(str.strip, allowed_origins.split(","))):
            page = _page(text.removesuffix("/"))
            if page is None:
                hint = ": while authentication is off, name each" if text == "*" else ""
                raise BadInput(
                    f"{text!r} in `allowed_origins` is no origin such as https://yasgui.example.org{hint}",
                    "allowed_origins",
                )
            pages.add(page)
        return cls(frozenset(hosts), frozenset(pages))

    def refusal(self, scheme: str, host: bytes, origin: bytes | None) -> BadInput | NotAllowed | None:
        """Why a request is refused for the name it asks for, or for the page it comes from."""
        text = host.decode("latin-1")
        asked = _asked(scheme, text)
        if asked is None:
            return BadInput(f"the Host header must name host and port, not {text[:80]!r}", "Host")
        if not is_loopback(asked[1]) and asked[1] not in self.hosts:
            return NotAllowed(f"this registry does not answer to the host name {text[:80]!r}: see `host_names`")
        if origin is None:
            return None
        page = _page(origin.decode("latin-1"))
        if page is not None and (page == asked or page in self.pages):
            return None
        return NotAllowed(
            f"pages of {origin.decode('latin-1')[:80]!r} may not use this registry: see `allowed_origins`"
        )

    def shares_with(self, origin: bytes) -> bool:
        """Whether pages of an origin were allowed by the setting."""
        return _page(origin.decode("latin-1")) in self.pages


@lru_cache(maxsize=256)
def is_loopback_page(origin: bytes) -> bool:
    """Whether an origin is a page that this machine serves, on whatever port."""
    page = _page(origin.decode("latin-1"))
    return page is not None and is_loopback(page[1])


def _asked(scheme: str, host: str) -> Address | None:
    found = _HOST.fullmatch(host)
    return _address(scheme, found[1], found[2]) if found is not None else None


def _page(origin: str) -> Address | None:
    found = _ORIGIN.fullmatch(origin)
    return _address(found[1], found[2], found[3]) if found is not None else None


def _address(scheme: str, host: str, port: str | None) -> Address | None:
    number = int(port) if port else _DEFAULT_PORTS.get(scheme, 80)
    return (scheme in _SECURE, _name(host), number) if number <= 65_535 else None


def _name(host: str) -> str:
    return host.strip("[]").lower()
