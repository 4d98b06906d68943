"""What a shapes graph says of SPARQL: queries, prefixes, and constraint components of its own (SHACL 5 and 6)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pyoxigraph as ox

from registry.rdf.oxigraph import to_oxigraph
from registry.rdf.sparql_text import Form
from registry.rdf.terms import Iri, Literal, Term, is_blank, local_name
from registry.rdf.vocabulary import AUDIT_ONLY, OWL, SH, XSD_ANY_URI
from registry.shacl.constraints.constraint import Constraint
from registry.shacl.paths import Path
from registry.shacl.shapes_graph import ShapesGraph
from registry.shacl.sparql.constraints import Source, of_ask, of_select
from registry.shacl.sparql.data import SHAPES_GRAPH
from registry.shacl.sparql.queries import STANDARD, NotJoinedError, Query, Setting, When
from registry.shacl.terms import VALIDATORS, is_native

SPARQL_COMPONENT = SH + "SPARQLConstraintComponent"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset({*STANDARD, "path", "PATH", "value"})
"""Names that no parameter may have (SHACL 6.2.1)."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a component: the shape that its values must conform to is ``node``."""

    node: Iri
    predicate: Iri
    name: str
    is_optional: bool


@dataclass(frozen=True, slots=True)
class Component:
    """A kind of constraint that the shapes graph declares: whoever states its parameters has the constraint."""

    node: Iri
    parameters: tuple[Parameter, ...]

    def is_stated_by(self, predicates: Mapping[Iri, object]) -> bool:
        """Whether a shape has this constraint: all parameters that it must state (SHACL 6.1)."""
        return all(found.is_optional or found.predicate in predicates for found in self.parameters)


class SparqlReader:
    """Reads what a shapes graph says of SPARQL. Methods raise ValueError for what is not understood."""

    def __init__(self, given: ShapesGraph) -> None:
        self._given = given

    @cached_property
    def components(self) -> Sequence[Component]:
        """The components that are declared; problems are noted in the shapes graph."""
        found: list[Component] = []
        for node in self._given.instances("ConstraintComponent"):
            with self._given.refusing(node):
                found.append(self._component(node))
        return found

    def quads(self) -> Sequence[ox.Quad]:
        """The shapes graph, for queries that ask $shapesGraph."""
        return self._quads

    @cached_property
    def _quads(self) -> Sequence[ox.Quad]:
        return [
            ox.Quad(to_oxigraph(s), to_oxigraph(p), to_oxigraph(o), SHAPES_GRAPH)  # type: ignore[arg-type]
            for s, p, o in self._given.graph
        ]

    def when(self, *nodes: Iri) -> When:
        """When something is checked that is declared by any of these nodes."""
        is_audit_only = True in {self._given.flag(node, AUDIT_ONLY) for node in nodes}
        return When.IN_AUDITS if is_audit_only else When.ON_WRITES

    def constraints(self, shape: Iri, path: Path | None) -> Iterator[tuple[When, Constraint]]:
        """The sh:sparql constraints of a shape."""
        for term in self._given.values(shape, "sparql"):
            if isinstance(term, Literal):
                raise ValueError("names a text by sh:sparql, where a constraint must stand")
            if self._given.flag(term, "deactivated"):
                continue
            when = self.when(shape, term)
            setting = Setting(shape, path, when, self._prefixes(term), self.quads)
            when, query = self._query(self._one(term, "select"), Form.SELECT, setting)
            source = Source(SPARQL_COMPONENT, term, "must have no result in its query", self._given.wordings(term), {})
            yield when, of_select(query, source, path)

    def of_component(self, component: Component, shape: Iri, path: Path | None) -> Iterator[tuple[When, Constraint]]:
        """The constraints of a declared kind that a shape states; one for each value of an only parameter."""
        for stated in self._stated(component, shape):
            node, form = self._validator(component, path)
            when = self.when(shape, component.node, node)
            names = [parameter.name for parameter in component.parameters]
            setting = Setting(shape, path, when, self._prefixes(node), self.quads, names, stated)
            wordings = self._given.wordings(node) or self._given.wordings(component.node, "labelTemplate")
            advice = f"must be as {local_name(component.node)} asks"
            source = Source(component.node, component.node, advice, wordings, stated)
            when, query = self._query(self._one(node, form.value.lower()), form, setting)
            yield when, (of_ask if form is Form.ASK else of_select)(query, source, path)

    def _query(self, text: str, form: Form, setting: Setting) -> tuple[When, Query]:
        """A query and when it is asked: with writes, or where that cannot be and nobody can mend it, in audits."""
        try:
            return setting.when, Query(text, form, setting)
        except NotJoinedError as error:
            if not self._given.may_wait(setting.shape, f"{error}; so it is checked in audits only"):
                raise ValueError(f"{error}; with core:auditOnly true it is checked in audits") from None
            return When.IN_AUDITS, Query(text, form, replace(setting, when=When.IN_AUDITS))

    def unread(self, shape: Iri) -> Iterator[tuple[Iri, str]]:
        """The parameters that a shape states and that no constraint here reads, each with the reason.

        One that is optional means nothing by itself, and SHACL wants no more of it (6.1; W3C test optional-001).
        """
        said = self._given.outgoing(shape)
        stated = [predicate for predicate in said if predicate in self._given.parameters and not is_native(predicate)]
        for predicate in sorted(stated):
            having = [(c, found) for c in self.components for found in c.parameters if found.predicate == predicate]
            if not having:
                yield predicate, "whose constraint component is not enforced here"
            elif not any(found.is_optional or component.is_stated_by(said) for component, found in having):
                component = having[0][0]
                lacking = (p.predicate for p in component.parameters if not p.is_optional and p.predicate not in said)
                yield predicate, f"which <{component.node}> has only together with <{next(lacking)}>"

    def _stated(self, component: Component, shape: Iri) -> Iterator[Mapping[str, Term]]:
        values = {found: self._given.values(shape, found.predicate) for found in component.parameters}
        if len(component.parameters) == 1:
            for parameter, several in values.items():
                yield from ({parameter.name: value} for value in several)
            return
        for parameter, several in values.items():
            if len(several) > 1:
                raise ValueError(f"says <{parameter.predicate}> more than once, beside other parameters")
        yield {parameter.name: several[0] for parameter, several in values.items() if several}

    def _component(self, node: Iri) -> Component:
        if is_blank(node):
            raise ValueError("has a constraint component without an IRI")
        parameters = tuple(self._parameter(found) for found in self._given.nodes_of(node, "parameter"))
        if all(found.is_optional for found in parameters):
            raise ValueError("is a sh:ConstraintComponent without a sh:parameter that must be stated")
        names = [found.name for found in parameters]
        if len(set(names)) < len(names):
            raise ValueError("has two parameters of one name")
        if not any(self._given.values(node, name) for name in VALIDATORS):
            raise ValueError("is a sh:ConstraintComponent without a validator")
        return Component(node, tuple(sorted(parameters, key=lambda found: found.name)))

    def _parameter(self, node: Iri) -> Parameter:
        predicates = self._given.iris(node, "path")
        if len(predicates) != 1:
            raise ValueError("has a sh:parameter that needs one IRI for sh:path")
        name = local_name(predicates[0])
        if _NAME.fullmatch(name) is None or name in _RESERVED:
            raise ValueError(f"has a sh:parameter named {name!r}, which no variable of a query can be")
        return Parameter(node, predicates[0], name, self._given.flag(node, "optional"))

    def _validator(self, component: Component, path: Path | None) -> tuple[Iri, Form]:
        """The validator for a kind of shape (SHACL 6.2.3)."""
        own = "nodeValidator" if path is None else "propertyValidator"
        name = own if self._given.values(component.node, own) else "validator"
        found = list(self._given.nodes_of(component.node, name))
        if len(found) != 1:
            kind = "node shapes" if path is None else "property shapes"
            raise ValueError(f"states <{component.node}>, which needs one validator for {kind}")
        forms = [form for form in (Form.ASK, Form.SELECT) if self._given.values(found[0], form.value.lower())]
        if len(forms) != 1 or (name == "validator" and forms != [Form.ASK]):
            needed = "one sh:ask" if name == "validator" else "one sh:ask or one sh:select"
            raise ValueError(f"states <{component.node}>, whose sh:{name} needs {needed}")
        return found[0], forms[0]

    def _one(self, node: Iri, name: str) -> str:
        found = self._given.texts(node, name)
        if len(found) != 1:
            raise ValueError(f"needs one sh:{name} in its query, not {len(found)}")
        return found[0]

    def _prefixes(self, node: Iri) -> Mapping[str, Iri]:
        """What sh:prefixes declares, imports of the graphs named included (SHACL 5.2.1)."""
        found: dict[str, Iri] = {}
        waiting = list(self._given.nodes_of(node, "prefixes"))
        for named in waiting:
            waiting.extend(
                other for other in self._given.graph.objects(named, OWL + "imports")
                if isinstance(other, str) and other not in waiting
            )  # fmt: skip
            for declared in self._given.nodes_of(named, "declare"):
                prefix, namespace = self._one(declared, "prefix"), self._namespace(declared)
                if found.setdefault(prefix, namespace) != namespace:
                    raise ValueError(f"has two namespaces for the prefix {prefix}:")
        return found

    def _namespace(self, node: Iri) -> Iri:
        found = self._given.literals(node, "namespace")
        if len(found) != 1 or found[0].datatype != XSD_ANY_URI:
            raise ValueError("needs one xsd:anyURI for sh:namespace")
        return found[0].lexical
