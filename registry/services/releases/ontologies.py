"""The model of this registry: which release is active, and the releases and names that the record keeps."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from registry.domain.releases.release import Release, compile_release
from registry.errors import BadInput, OntologyRejected
from registry.ontology.modules import Module, ModuleKind, module_of
from registry.ontology.names import Names
from registry.stores.clock import now
from registry.stores.open_mode import Access
from registry.stores.port import Record

RELEASES = "release"
NAMES = "names"
_ISSUED = "issued"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReleaseNote:
    """A release that the record keeps: what it is made of, when it was published, and when it was last activated."""

    version: str
    digest: str
    published_at: str
    activated_at: str | None
    modules: tuple[str, ...]
    message: str = ""


class Ontologies:
    """Holds the active release; it changes by one assignment.

    The log says which release is active: the one that its last entry was checked under. So the model that a record was
    written with stays in force, whatever files are installed, until another is published and activated.
    """

    def __init__(self, record: Record, installed: Sequence[Module], access: Access) -> None:
        """Compile the active release; for an empty log that is the installed modules, kept where writing is allowed.

        Raises OntologyRejected where something is not understood.
        """
        self.installed = tuple(installed)
        self._record = record
        self._access = access
        kept = self._kept_in_force()
        self._active = compile_release(self.installed if kept is None else kept, self._names(), kept or ())
        _warn(self._active)
        if access is Access.WRITE:
            self._keep_names(self._active)
            if self.keep(self._active).activated_at is None:
                self._note_activation(self._active)

    def active(self) -> Release:
        """The release that writes are decided by."""
        return self._active

    @property
    def has_other_files(self) -> bool:
        """Whether the installed files are another model than the active one: somebody may want to publish them."""
        return _content(self.installed) != _content(self._active.modules)

    def notes(self) -> Sequence[ReleaseNote]:
        """Every release that was published here, the first one first."""
        return [_note(json.loads(text)) for text in self._record.kept(RELEASES).values()]

    def digest_of(self, name: str) -> str:
        """The digest that a word stands for: ``active``, a version, or the first characters of a digest.

        Raises BadInput where it is none or stands for several.
        """
        if name == "active":
            return self._active.digest
        notes = self.notes()
        found = [note.digest for note in notes if note.digest.startswith(name)] if len(name) >= 4 else []
        found = found or [note.digest for note in notes if note.version == name]
        if len(found) == 1:
            return found[0]
        known = ", ".join(f"{note.digest[:12]} ({note.version})" for note in notes)
        what = "several releases" if found else "no release"
        raise BadInput(f"{name!r} names {what}; there are {known}", argument="release")

    def compiled(self, digest: str) -> Release:
        """A kept release, compiled with the names issued so far. Raises BadInput for a digest that is not kept."""
        if digest == self._active.digest:
            return self._active
        kept = self._kept(digest)
        return compile_release(kept, self._names(), kept)

    def modules(self, digest: str) -> Sequence[Module]:
        """The modules of a kept release. Raises BadInput for a digest that is not kept."""
        return self._active.modules if digest == self._active.digest else self._kept(digest)

    def compiled_draft(self, modules: Sequence[Module]) -> Release:
        """Modules compiled as the release they would make; nothing is kept, and no name is issued."""
        return compile_release(modules, self._names())

    def keep(self, release: Release, message: str = "") -> ReleaseNote:
        """Keep a release with its texts; one that is kept already stays as it is."""
        known = self._record.kept(RELEASES).get(release.digest)
        if known is None:
            known = json.dumps(_new_note(release, message))
            self._record.keep(RELEASES, release.digest, known)
        return _note(json.loads(known))

    def take(self, release: Release) -> None:
        """Make a release the active one, once the log says so; its names are issued for good."""
        self._keep_names(release)
        self._note_activation(release)
        self._active = release
        _warn(release)

    def follow(self, digest: str) -> None:
        """Take the release that the log names, where another process put it in force and the record keeps it."""
        if digest != self._active.digest and digest in self._record.kept(RELEASES):
            self._active = self.compiled(digest)

    def _note_activation(self, release: Release) -> None:
        note = json.loads(self._record.kept(RELEASES)[release.digest])
        self._record.keep(RELEASES, release.digest, json.dumps({**note, "activated_at": now()}))

    def _kept_in_force(self) -> Sequence[Module] | None:
        """The modules that the last entry was checked under; None where the log is empty or names no kept release."""
        head = self._record.head()
        entries = self._record.entries(head - 1, 1) if head else ()
        if not entries or entries[0].release not in self._record.kept(RELEASES):
            return None
        return self._kept(entries[0].release)

    def _kept(self, digest: str) -> Sequence[Module]:
        kept = self._record.kept(RELEASES)
        if digest not in kept:
            raise BadInput(f"no release {digest[:12]} is kept here", argument="release")
        try:
            return modules_from(json.loads(kept[digest])["texts"])
        except OntologyRejected as fault:
            raise OntologyRejected(
                f"the release {digest[:12]} that this record keeps is not understood: {fault.message}",
                fault.details["findings"],
            ) from fault

    def _names(self) -> Names:
        issued = self._record.kept(NAMES).get(_ISSUED)
        return Names.from_json(json.loads(issued)) if issued else Names()

    def _keep_names(self, release: Release) -> None:
        names = json.dumps(release.names.as_json(), sort_keys=True)
        if names != self._record.kept(NAMES).get(_ISSUED):
            self._record.keep(NAMES, _ISSUED, names)


def _warn(release: Release) -> None:
    """Say what of a release in force is not checked, though a version before this one did."""
    for gone in release.shapes.no_longer_read:
        _log.warning("no write is held to this any more, mend it and publish: %s", gone)


def _content(modules: Sequence[Module]) -> frozenset[tuple[str, str]]:
    return frozenset((module.file, module.digest) for module in modules)


def modules_from(texts: Mapping[str, str]) -> tuple[Module, ...]:
    """Modules from their texts by file name, whose folder tells the kind."""
    return tuple(module_of(Path(file).stem, text.encode(), _kind_of(file)) for file, text in texts.items())


def _kind_of(file: str) -> ModuleKind:
    folder, _, _ = file.rpartition("/")
    return next((kind for kind in ModuleKind if kind.folder == f"{folder}/"), ModuleKind.ONTOLOGY)


def _new_note(release: Release, message: str) -> dict[str, object]:
    return {
        "version": release.version,
        "digest": release.digest,
        "published_at": now(),
        "activated_at": None,
        "message": message,
        "modules": [module.iri for module in release.modules],
        "texts": {module.file: module.text.decode("utf-8", "replace") for module in release.modules},
    }


def _note(kept: Mapping[str, object]) -> ReleaseNote:
    activated = kept["activated_at"]
    modules = kept["modules"]
    assert isinstance(modules, list)
    return ReleaseNote(
        version=str(kept["version"]),
        digest=str(kept["digest"]),
        # Releases that were kept before there were drafts were activated at once.
        published_at=str(kept.get("published_at") or activated),
        activated_at=None if activated is None else str(activated),
        modules=tuple(map(str, modules)),
        message=str(kept.get("message", "")),
    )
