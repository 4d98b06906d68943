"""What the ontologies say, ready to be asked: classes and properties with closures, individuals, labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from registry.ontology.modules import Module, ModuleKind
from registry.ontology.usage import Declared, Usage, usages
from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Literal, Term, is_blank, local_name, namespace
from registry.rdf.vocabulary import (
    DCTERMS,
    OWL,
    OWL_CLASS,
    OWL_NAMED_INDIVIDUAL,
    RDF_TYPE,
    RDFS,
    RDFS_CLASS,
    RDFS_LABEL,
    RDFS_SUB_CLASS_OF,
    SH,
    SKOS,
    SKOS_DEFINITION,
    VANN,
)

DEPRECATED = OWL + "deprecated"
REPLACED_BY = DCTERMS + "isReplacedBy"


_OF_LINKS = {
    (SH + "class", None), (SH + "node", None),
    *((SH + "nodeKind", SH + kind) for kind in ("IRI", "BlankNode", "BlankNodeOrIRI")),
}  # fmt: skip
_OF_LITERALS = {(SH + "datatype", None), (SH + "nodeKind", SH + "Literal")}


class PropertyKind(Enum):
    OBJECT = "ObjectProperty"
    DATATYPE = "DatatypeProperty"
    ANNOTATION = "AnnotationProperty"


@dataclass(frozen=True, slots=True)
class ModelClass:
    iri: Iri
    label: str
    definition: str
    parents: tuple[Iri, ...]


@dataclass(frozen=True, slots=True)
class ModelProperty:
    """A property as declared; ``functional`` says that a subject has at most one value."""

    iri: Iri
    kind: PropertyKind
    label: str
    definition: str
    domains: tuple[Iri, ...]
    ranges: tuple[Iri, ...]
    inverse: Iri | None
    functional: bool


class Model:
    """The statements of all ontology modules together, immutable, with what is asked of them worked out once."""

    def __init__(self, modules: Sequence[Module]) -> None:
        ontologies = [module for module in modules if module.kind.has_terms]
        self.graph = MemoryGraph(statement for module in ontologies for statement in module.statements)
        self.prefixes: Mapping[str, Iri] = _prefixes(self.graph, modules)
        # Foreign ontologies that were written for SHACL declare their classes in RDF Schema only.
        self.classes: Mapping[Iri, ModelClass] = {
            iri: self._class(iri) for kind in self._metaclasses() for iri in self._declared(kind)
        }
        self.properties: Mapping[Iri, ModelProperty] = {
            **self._shaped(modules),
            **{iri: self._property(iri, kind) for kind in PropertyKind for iri in self._declared(OWL + kind.value)},
        }
        self.links = frozenset(iri for iri, found in self.properties.items() if found.kind is PropertyKind.OBJECT)
        """The properties whose values are resources."""
        self.individuals: Mapping[Iri, Mapping[Iri, Sequence[Term]]] = {
            iri: self.graph.outgoing(iri) for iri in self._declared(OWL_NAMED_INDIVIDUAL)
        }
        self.deprecated: Mapping[Iri, Sequence[Iri]] = {
            iri: self._named(iri, REPLACED_BY) for iri in self.graph.subjects() if is_deprecated(self.graph, iri)
        }
        """The terms that are no longer to be used, with those that take their place."""
        self._owned = {namespace_of(module.iri) for module in ontologies if _is_own(module, self)}
        self._statements: dict[Iri, Mapping[Iri, Sequence[Term]]] = {}
        self._above: dict[Iri, frozenset[Iri]] = {}
        self._below: dict[Iri, frozenset[Iri]] = {}
        self.usages: Mapping[Iri, Usage] = usages(
            Declared(self.graph, self.properties, self.links, _declared_here(ontologies), self.subclasses)
        )
        """What each property is for: those of the model, and those of standard vocabularies that no model declares."""

    def superclasses(self, iri: Iri) -> frozenset[Iri]:
        """The class itself and all above it; just itself for a class nobody declared."""
        found = self._above.get(iri)
        if found is None:
            found = self._above[iri] = closure(iri, lambda step: self._named(step, RDFS_SUB_CLASS_OF))
        return found

    def subclasses(self, iri: Iri) -> frozenset[Iri]:
        """The class itself and all below it."""
        found = self._below.get(iri)
        if found is None:
            found = self._below[iri] = closure(iri, lambda step: self.graph.sources(step, RDFS_SUB_CLASS_OF))
        return found

    def owns(self, iri: Iri) -> bool:
        """Whether a loaded ontology defines this namespace, so that a term it does not know is a mistake."""
        return namespace(iri) in self._owned

    def defines(self, iri: Iri) -> bool:
        """Whether the model says anything of a term: it can be linked to without being a resource."""
        return self.graph.says_something(iri)

    def statements_of(self, term: Iri) -> Mapping[Iri, Sequence[Term]]:
        """What the ontologies say of a term, by predicate: checks read it where no resource has that IRI."""
        found = self._statements.get(term)
        if found is None:
            found = self.graph.outgoing(term)
            if found:
                self._statements[term] = found
        return found

    def instances(self, class_iri: Iri) -> Sequence[Iri]:
        """The individuals of a class or of a class below it."""
        found = (iri for below in self.subclasses(class_iri) for iri in self.graph.sources(below, RDF_TYPE))
        return [iri for iri in dict.fromkeys(found) if iri in self.individuals]

    def label(self, iri: Iri) -> str:
        """The English label, or the local name."""
        return _english(self.graph.objects(iri, RDFS_LABEL)) or local_name(iri)

    def definition(self, iri: Iri) -> str:
        """The English definition, or nothing."""
        return _english(self.graph.objects(iri, SKOS_DEFINITION))

    def _metaclasses(self) -> list[Iri]:
        """OWL's and RDF Schema's class of classes, and those that ontologies have below them, as 223P does."""
        found = closure(RDFS_CLASS, lambda step: self.graph.sources(step, RDFS_SUB_CLASS_OF))
        found |= closure(OWL_CLASS, lambda step: self.graph.sources(step, RDFS_SUB_CLASS_OF))
        own = sorted(iri for iri in found if not iri.startswith((OWL, RDFS)) and not is_blank(iri))
        return [OWL_CLASS, RDFS_CLASS, *own]

    def _declared(self, kind: Iri) -> list[Iri]:
        return [iri for iri in self.graph.instances(kind) if not is_blank(iri)]

    def _shaped(self, modules: Sequence[Module]) -> Mapping[Iri, ModelProperty]:
        """The properties of foreign ontologies that were written for SHACL: their shapes are all that declares them.

        One leads to resources where some shape says so and none says that it has literals.
        """
        shapes: dict[Iri, list[Iri]] = {}
        for module in modules:
            own = namespace_of(module.iri)
            for shape, predicate, path in module.statements if module.kind is ModuleKind.FOREIGN else ():
                if predicate == SH + "path" and isinstance(path, str) and path.startswith(own):
                    shapes.setdefault(path, []).append(shape)
        found = {}
        for iri, of in shapes.items():
            said = {
                (predicate, value if predicate == SH + "nodeKind" else None)
                for shape in of
                for predicate, values in self.graph.outgoing(shape).items()
                for value in values
            }
            is_link = bool(said & _OF_LINKS) and not said & _OF_LITERALS
            found[iri] = self._property(iri, PropertyKind.OBJECT if is_link else PropertyKind.DATATYPE)
        return found

    def _named(self, iri: Iri, predicate: Iri) -> list[Iri]:
        return [t for t in self.graph.objects(iri, predicate) if isinstance(t, str) and not is_blank(t)]

    def _class(self, iri: Iri) -> ModelClass:
        return ModelClass(iri, self.label(iri), self.definition(iri), tuple(self._named(iri, RDFS_SUB_CLASS_OF)))

    def _property(self, iri: Iri, kind: PropertyKind) -> ModelProperty:
        inverses = self._named(iri, OWL + "inverseOf") or [*self.graph.sources(iri, OWL + "inverseOf")]
        return ModelProperty(
            iri, kind, self.label(iri), self.definition(iri),
            tuple(self._named(iri, RDFS + "domain")), tuple(self._named(iri, RDFS + "range")),
            inverses[0] if inverses else None,
            OWL + "FunctionalProperty" in self.graph.objects(iri, RDF_TYPE),
        )  # fmt: skip


def _declared_here(modules: Sequence[Module]) -> frozenset[Iri]:
    """The annotation properties that an ontology of ours declares in its own namespace, and those of SKOS.

    Those of other vocabularies may be declared here and yet mean more than our ontologies know.
    """
    kind = OWL + PropertyKind.ANNOTATION.value
    return frozenset(
        subject
        for module in modules
        if module.kind is not ModuleKind.FOREIGN
        for subject, predicate, target in module.statements
        if predicate == RDF_TYPE and target == kind and subject.startswith((namespace_of(module.iri), SKOS))
    )


def is_deprecated(graph: MemoryGraph, iri: Iri) -> bool:
    """Whether a term is no longer to be used (OWL 2, section 5.5)."""
    return any(isinstance(t, Literal) and t.lexical in ("true", "1") for t in graph.objects(iri, DEPRECATED))


def closure(start: Iri, step: Callable[[Iri], Iterable[Iri]]) -> frozenset[Iri]:
    """Everything that steps lead to, the start included."""
    seen, waiting = {start}, [start]
    while waiting:
        for found in step(waiting.pop()):
            if found not in seen:
                seen.add(found)
                waiting.append(found)
    return frozenset(seen)


def namespace_of(ontology: Iri) -> Iri:
    """The namespace in which an ontology mints its terms: Protégé's way, the ontology IRI and ``#``."""
    return ontology if ontology.endswith(("#", "/")) else ontology + "#"


def _is_own(module: Module, model: Model) -> bool:
    # A stub declares a few terms of somebody else's vocabulary, so it cannot know which of them are mistakes. Real
    # buildings use classes that no version of a foreign ontology has.
    if module.kind is ModuleKind.FOREIGN:
        return False
    own = namespace_of(module.iri)
    return any(iri.startswith(own) for iri in (*model.classes, *model.properties, *model.individuals))


def _english(terms: Sequence[Term]) -> str:
    texts = [term for term in terms if isinstance(term, Literal)]
    texts.sort(key=lambda text: text.language not in ("en", ""))
    return texts[0].lexical if texts else ""


def _prefixes(graph: MemoryGraph, modules: Sequence[Module]) -> dict[str, Iri]:
    found: dict[str, Iri] = {}
    for header in graph.instances(OWL + "Ontology"):
        prefix, uri = (
            graph.value(header, VANN + "preferredNamespacePrefix"),
            graph.value(header, VANN + "preferredNamespaceUri"),
        )
        if isinstance(prefix, Literal):
            found[prefix.lexical] = uri.lexical if isinstance(uri, Literal) else namespace_of(header)
    for module in modules:
        for prefix, iri in module.prefixes.items():
            if prefix and iri not in found.values():
                found.setdefault(prefix, iri)
    return found
