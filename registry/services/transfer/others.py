"""What others write while an import is stored: whether the judgement of what is staged still holds."""

from __future__ import annotations

from collections.abc import Callable

from registry.domain.change import Change, Position
from registry.domain.view import View
from registry.errors import RegistryError
from registry.rdf.terms import Iri
from registry.stores.port import Record
from registry.stores.staging import Staging

_ENTRIES = 256


class Overtaken(RegistryError):
    """Somebody changed a resource that is staged, or one that a staged resource links to."""

    code = "REVISION_MOVED"
    status = 412


class Others:
    """The entries of others behind the position that the judgement looked at.

    They are looked at where a batch is decided, in the writer's thread, so that nothing is committed in between.
    """

    def __init__(self, record: Record, staging: Staging, judged_at: Position) -> None:
        self._record = record
        self._staging = staging.path
        self._seen = judged_at
        self._own: set[Position] = set()

    def expect(self, position: Position) -> None:
        """An entry at this position is one of the import; where nobody else wrote, it need not be read."""
        if position == self._seen + 1:
            self._seen = position
        else:
            self._own.add(position)

    def unmoved(self, work: Callable[[View], Change]) -> Callable[[View], Change]:
        """The same work, which raises Overtaken where what it rests on has moved."""

        def checked(view: View) -> Change:
            self._look()
            return work(view)

        return checked

    def _look(self) -> None:
        while entries := self._record.entries(self._seen, _ENTRIES):
            touched = {iri for entry in entries if entry.position not in self._own for iri in entry.revisions}
            if touched and self._concerns(touched):
                raise Overtaken("somebody changed what the import was judged against")
            self._seen = entries[-1].position

    def _concerns(self, touched: set[Iri]) -> bool:
        # The staging file is opened anew, because a connection of SQLite belongs to its thread.
        beside = Staging.beside(self._staging)
        try:
            stated = any(True for _ in beside.statements(sorted(touched)))
            return stated or any(beside.sources(iri, None, 1) for iri in touched)
        finally:
            beside.close()
