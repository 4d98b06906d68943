"""The model of this registry: which release is active, since when, and the names it has issued."""

from __future__ import annotations

import json
from collections.abc import Sequence

from registry.domain.release import Release, compile_release
from registry.ontology.modules import Module
from registry.ontology.names import Names
from registry.stores.access import Access
from registry.stores.clock import now
from registry.stores.port import Archive

RELEASES = "release"
NAMES = "names"
_ISSUED = "issued"


class Ontologies:
    """Holds the active release; it changes by one assignment."""

    def __init__(self, archive: Archive, modules: Sequence[Module], access: Access) -> None:
        """Compile the modules and, where writing is allowed, keep the release and its names with the record.

        Raises OntologyRejected where something is not understood.
        """
        issued = archive.kept(NAMES).get(_ISSUED)
        names = Names.from_json(json.loads(issued)) if issued else Names()
        self._active = compile_release(modules, names)
        if access is Access.WRITE:
            self._keep(archive, issued)

    def active(self) -> Release:
        """The release that writes are decided by."""
        return self._active

    def _keep(self, archive: Archive, issued: str | None) -> None:
        release = self._active
        names = json.dumps(release.names.as_json(), sort_keys=True)
        if names != issued:
            archive.keep(NAMES, _ISSUED, names)
        if release.digest not in archive.kept(RELEASES):
            note = {
                "version": release.version,
                "digest": release.digest,
                "activated_at": now(),
                "modules": [module.iri for module in release.modules],
                "texts": {module.file: module.text.decode("utf-8", "replace") for module in release.modules},
            }
            archive.keep(RELEASES, release.digest, json.dumps(note))
