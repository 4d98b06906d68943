"""Which classes have a type of their own, and of which type a resource is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from registry.domain.releases.release import Release
from registry.ontology.model import Model
from registry.ontology.modules import ModuleKind
from registry.rdf.terms import Iri, Literal, namespace
from registry.rdf.vocabulary import EXPOSURE, MANAGED_RESOURCE, TWIN, TWINNED_ENTITY

SHOWN, HIDDEN = "shown", "hidden"


def asked_exposure(model: Model, iri: Iri) -> str | None:
    """What the ontology says about showing a class or a property: ``shown``, ``hidden`` or nothing."""
    said = model.graph.value(iri, EXPOSURE)
    return said.lexical if isinstance(said, Literal) else None


def is_enumeration(model: Model, iri: Iri) -> bool:
    """Whether the members of a class are the ontology's own and no resources: it has individuals, and no twin."""
    managed = not {MANAGED_RESOURCE, TWINNED_ENTITY}.isdisjoint(model.superclasses(iri))
    return not managed and iri in model.classes and bool(model.instances(iri)) and asked_exposure(model, iri) != SHOWN


class Exposure:
    """The classes of a release that are worth a type.

    All that are annotated ``shown``. Of the others, those below core:TwinnedEntity or core:ManagedResource, and those
    of an ontology that is loaded, not just mentioned: what a shape or a property speaks of with what stands above or
    below that, or everything where nothing is spoken of. Not core:Twin and what is below it, which the fixed half has a
    type for, nor classes of which the ontology lists the members, which become enums.
    """

    def __init__(self, release: Release) -> None:
        self._model = release.model
        self._shapes = release.shapes
        foreign = (module for module in release.modules if module.kind is ModuleKind.FOREIGN)
        self._foreign = frozenset(subject for module in foreign for subject, _, _ in module.statements)
        self._above: dict[Iri, Sequence[Iri]] = {}
        self._known: dict[tuple[tuple[Iri, ...], Iri | None], Iri | None] = {}
        self.classes: Sequence[Iri] = sorted(filter(self._is_exposed, self._model.classes), key=self._rank)

    def limit(self, classes: Iterable[Iri]) -> None:
        """Keep only these: a schema has a size, and what is left out is of the type of the class above it."""
        kept = set(classes)
        self.classes = [iri for iri in self.classes if iri in kept]
        self._known.clear()
        self._above.clear()
        self.__dict__.pop("_exposed", None)

    @cached_property
    def _exposed(self) -> frozenset[Iri]:
        return frozenset(self.classes)

    @cached_property
    def shaped(self) -> frozenset[Iri]:
        """The properties that some shape names for a class."""
        outline = self._shapes.outline
        return frozenset(predicate for iri in outline.classes for predicate, _ in outline.own(iri))

    def above(self, iri: Iri) -> Sequence[Iri]:
        """The exposed classes above a class, the nearest first, without itself."""
        if iri not in self._above:
            found = (self._model.superclasses(iri) & self._exposed) - {iri}
            self._above[iri] = sorted(found, key=lambda one: (-len(self._model.superclasses(one)), one))
        return self._above[iri]

    def below(self, iri: Iri) -> Sequence[Iri]:
        """The exposed classes below a class, without itself."""
        return sorted((self._model.subclasses(iri) & self._exposed) - {iri})

    def nearest(self, iri: Iri) -> Iri | None:
        """The class itself, or the nearest above it that is exposed; None where there is none."""
        return iri if iri in self._exposed else next(iter(self.above(iri)), None)

    def class_of(self, classes: Sequence[Iri], expected: Iri | None = None) -> Iri | None:
        """The exposed class that a resource of these classes is shown as, the most special one.

        ``expected`` says that it must be this class or one below it. None where there is no such class.
        """
        key = (tuple(classes), expected)
        if key not in self._known:
            self._known[key] = self._class_of(classes, expected)
        return self._known[key]

    def _class_of(self, classes: Sequence[Iri], expected: Iri | None) -> Iri | None:
        found = {iri for asserted in classes for iri in self._model.superclasses(asserted)} & self._exposed
        if expected is not None:
            found &= self._model.subclasses(expected)
        least = [iri for iri in found if not any(other != iri and self._is_above(iri, other) for other in found)]
        return min(least, default=None)

    def _is_above(self, iri: Iri, other: Iri) -> bool:
        return iri in self._model.superclasses(other)

    def _is_exposed(self, iri: Iri) -> bool:
        model, above = self._model, self._model.superclasses(iri)
        asked = asked_exposure(model, iri)
        if asked is not None:
            return asked == SHOWN
        if TWIN in above or is_enumeration(model, iri):
            return False
        if not above.isdisjoint((TWINNED_ENTITY, MANAGED_RESOURCE)) or iri in self._shapes.outline.classes:
            return True
        if not self._is_loaded(iri):
            return False
        return namespace(iri) not in self._outspoken or not self._spoken_of.isdisjoint(above | model.subclasses(iri))

    @cached_property
    def _spoken_of(self) -> frozenset[Iri]:
        """Classes that a property or a shape names."""
        model = self._model
        of_properties = {iri for found in model.properties.values() for iri in (*found.domains, *found.ranges)}
        return frozenset(of_properties | set(self._shapes.outline.classes)) & model.classes.keys()

    def _is_loaded(self, iri: Iri) -> bool:
        """Whether an ontology defines a class: a stub of a foreign vocabulary has no hierarchy."""
        own, model = namespace(iri), self._model
        related = (*model.superclasses(iri), *model.subclasses(iri))
        return model.owns(iri) or any(other != iri and namespace(other) == own for other in related)

    @cached_property
    def _outspoken(self) -> frozenset[Iri]:
        """The namespaces in which a property or a shape names any class: where none does, one is as good as another."""
        return frozenset(map(namespace, self._spoken_of))

    def _rank(self, iri: Iri) -> tuple[bool, bool, int, int, Iri]:
        """What is asked for first, then our own by depth, then of foreign ontologies what stands for most classes.

        Whatever fits into the schema then has all that is above it.
        """
        is_foreign = iri in self._foreign
        covered = len(self._model.subclasses(iri)) if is_foreign else 0
        return asked_exposure(self._model, iri) != SHOWN, is_foreign, -covered, len(self._model.superclasses(iri)), iri
