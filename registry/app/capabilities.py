"""Every capability of this registry, and what they add together: settings, GraphQL roots, commands, opened parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from registry.capability import Capability, Commands, Core, Parts
from registry.neo4j_browser.capability import NEO4J_BROWSER

if TYPE_CHECKING:
    from registry.api.graphql.fixed.schema import Roots

CAPABILITIES: Sequence[Capability] = (NEO4J_BROWSER,)


def sections(capabilities: Sequence[Capability] = CAPABILITIES) -> Mapping[str, type]:
    """The settings of each capability that has any, by its name."""
    return {one.name: one.settings for one in capabilities if one.settings is not None}


def commands(capabilities: Sequence[Capability] = CAPABILITIES) -> Sequence[Commands]:
    """The groups of commands; none is imported before it is called."""
    return [group for one in capabilities for group in one.commands]


def roots(capabilities: Sequence[Capability] = CAPABILITIES) -> Roots:
    """What capabilities add to the roots of GraphQL."""
    from registry.api.graphql.fixed.schema import Roots

    return Roots(
        tuple(found(place) for one in capabilities for place in one.queries),
        tuple(found(place) for one in capabilities for place in one.mutations),
        tuple(found(place) for one in capabilities for place in one.subscriptions),
    )


def open_all(
    core: Core, settings: Mapping[str, Any], capabilities: Sequence[Capability] = CAPABILITIES
) -> Mapping[str, Parts]:
    """Open every capability with its own section of the settings."""
    return {one.name: one.open(core.configured(settings.get(one.name))) for one in capabilities}


def found(place: str) -> Any:
    """What stands at ``module:attribute``."""
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)
