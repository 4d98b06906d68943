"""When a command is carried out, and the identifiers it may mint: fixed at the edge, so that decisions stay pure."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from registry.rdf.terms import Iri


@dataclass(slots=True)
class Moment:
    """``time`` is an xsd:dateTime text in UTC. The same seed mints the same identifiers, so a work can run again."""

    time: str
    seed: uuid.UUID
    _minted: int = 0

    def mint(self) -> Iri:
        """A new identifier, ``urn:uuid:…`` (RFC 9562)."""
        self._minted += 1
        return f"urn:uuid:{uuid.uuid5(self.seed, str(self._minted))}"

    def again(self) -> Moment:
        """The same moment from its beginning."""
        return Moment(self.time, self.seed)
