"""A comparison of two releases as JSON, with what it means for those who ask: the names of GraphQL and of the graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from registry.api.graphql.fixed.schema import fixed_half
from registry.api.graphql.typed.schema import combined
from registry.api.graphql.typed.schema_comparison import schema_changes
from registry.domain.releases.comparison import Comparison, as_json
from registry.domain.releases.release import Release
from registry.ontology.model import PropertyKind
from registry.rdf.terms import Iri
from registry.stores.graph_vocabulary import Vocabulary

Vocabularies: TypeAlias = Callable[[Mapping[Iri, str]], Vocabulary]
"""Gives the words of the graph for terms with their short names, issued ones and those that would be."""


def comparison_json(comparison: Comparison, before: Release, after: Release, words: Vocabularies) -> dict[str, Any]:
    """A comparison as JSON values: its terms, and what appears, changes or falls away in GraphQL and in Neo4j."""
    told = as_json(comparison, after)
    if before.digest == after.digest:
        return {**told, "graphql": [], "neo4j": _graph_json(_GraphNames(), _GraphNames())}
    fixed = fixed_half()
    changes = schema_changes(combined(fixed, before), combined(fixed, after))
    vocabulary = words({**before.names.of_terms, **after.names.of_terms})
    return {
        **told,
        "graphql": [change.as_json() for change in changes],
        "neo4j": _graph_json(_graph_names(before, vocabulary), _graph_names(after, vocabulary)),
    }


_GraphNames: TypeAlias = dict[str, set[str]]
_KINDS = ("labels", "relationshipTypes", "properties")


def _graph_names(release: Release, vocabulary: Vocabulary) -> _GraphNames:
    """What the classes and properties of a release are called in the graph."""
    properties = release.model.properties
    links = {iri for iri, declared in properties.items() if declared.kind is PropertyKind.OBJECT}
    return {
        "labels": {vocabulary.label(iri) for iri in release.model.classes},
        "relationshipTypes": {vocabulary.relationship_type(iri) for iri in links},
        "properties": {vocabulary.property_key(iri) for iri in properties.keys() - links},
    }


def _graph_json(before: _GraphNames, after: _GraphNames) -> dict[str, dict[str, list[str]]]:
    found = {kind: (before.get(kind, set()), after.get(kind, set())) for kind in _KINDS}
    return {
        kind: {"added": sorted(later - earlier), "gone": sorted(earlier - later)}
        for kind, (earlier, later) in found.items()
    }
