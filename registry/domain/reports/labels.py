"""How people call what a violation is about: labels of the model and of the state it was found in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from registry.domain.releases.release import Release
from registry.domain.resource import NAME_PROPERTIES, Resource
from registry.domain.view import View
from registry.rdf.languages import wording
from registry.rdf.terms import Iri, Literal, Term, is_blank, local_name, text
from registry.rdf.vocabulary import RDF_TYPE, RDFS_LABEL
from registry.shacl.reports.graph import predicates_of, readable

_FARTHEST = 5
"""How many links back the owner of a blank node is looked for."""
_MOST_PATHS = 2_000
"""So many paths keep their labels; who invents predicates to be told that there are none must not fill the memory."""
_INVERSE = re.compile(r"\^<([^<>]*)>")


@dataclass(frozen=True, slots=True)
class Naming:
    """Reads labels; nothing here is kept."""

    release: Release
    view: View

    def labels(self, term: Term | None) -> tuple[Literal, ...]:
        """The labels of a resource or of a term of the model; for a blank node, what it is and whose."""
        if term is None or isinstance(term, Literal):
            return ()
        resource = self.view.resources((term,)).get(term)
        found = [] if resource is None else [label for said in NAME_PROPERTIES for label in resource.values(said)]
        labels = [label for label in found or self._stated(term) if isinstance(label, Literal)]
        if not labels and is_blank(term):
            return (text(self._described(term, resource)),)
        return tuple(labels)

    def called(self, term: Term) -> str:
        """A term as English sentences name it."""
        if isinstance(term, Literal):
            return f"“{term.lexical}”"
        return wording(self.labels(term)) or local_name(term)

    def names(self, term: Term) -> Iterator[str]:
        """Everything that somebody who means a term may have written."""
        if isinstance(term, Literal):
            yield term.lexical
            return
        yield local_name(term)
        yield from (label.lexical for label in self._stated(term) if isinstance(label, Literal))

    def short(self, iri: Iri) -> str:
        """The short name by which the API knows a term."""
        return self.release.names.name(iri)

    def path_labels(self, path: str) -> tuple[Literal, ...]:
        """A path in readable words, once in each language that its properties have labels in."""
        kept = self.release.path_labels
        known = kept.get(path)
        if known is None:
            known = self._path_labels(path)
            if len(kept) < _MOST_PATHS:
                kept[path] = known
        return known

    def _path_labels(self, path: str) -> tuple[Literal, ...]:
        turned = _INVERSE.sub(self._turned, path)
        said = {iri: self._literals(iri) for iri in predicates_of(turned)}
        languages = dict.fromkeys(label.language for labels in said.values() for label in labels)
        return tuple(
            text(readable(turned, {iri: wording(labels, [language]) or "" for iri, labels in said.items()}), language)
            for language in languages
        )

    def _turned(self, step: re.Match[str]) -> str:
        """A property walked backwards by the name of its inverse, where the model declares one."""
        declared = self.release.model.properties.get(step[1])
        return step[0] if declared is None or declared.inverse is None else f"<{declared.inverse}>"

    def _stated(self, iri: Iri) -> Sequence[Term]:
        return self.release.model.graph.objects(iri, RDFS_LABEL)

    def _literals(self, iri: Iri) -> list[Literal]:
        return [label for label in self._stated(iri) if isinstance(label, Literal)]

    def _described(self, blank: Iri, resource: Resource | None) -> str:
        """A blank node in words, such as `identifier of P-7 feed pump`: its own label tells nobody anything."""
        kinds = [iri for iri in resource.values(RDF_TYPE) if isinstance(iri, str)] if resource is not None else []
        kind = self.called(kinds[0]) if kinds else "unnamed node"
        owner, seen = blank, {blank}
        for _ in range(_FARTHEST):
            owner = next((iri for iri in self.view.sources(owner, None, 1) if iri not in seen), "")
            if not is_blank(owner):
                return f"{kind} of {self.called(owner)}" if owner else kind
            seen.add(owner)
        return kind
