"""A shapes graph as the compiler reads it: every term understood or refused, every parameter of the right type."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from registry.errors import OntologyRejected
from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Literal, Term, is_blank, local_name
from registry.rdf.vocabulary import (
    BASE,
    CORE,
    DASH,
    OWL_CLASS,
    RDF_LANG_STRING,
    RDF_TYPE,
    RDFS_CLASS,
    RDFS_SUB_CLASS_OF,
    SH,
    XSD_BOOLEAN,
    XSD_INTEGER,
    XSD_STRING,
)
from registry.shacl.terms import (
    CONSTRAINTS,
    INFERRING,
    LISTS_OF_SHAPES,
    QUERIES,
    TAKING_SHAPES,
    TARGETS,
    VALIDATORS,
    Treatment,
    is_constraint_of_dash,
    treatment,
    treatment_of_dash,
)
from registry.shacl.values import value_of

UNNAMED = BASE + "shapes/unnamed#"
"""Shapes that neither have a name nor belong to one that has: results cannot show a blank node."""

_DRAFT = SH + "nodeShape"
"""A word of a draft of SHACL, which the conformance suite uses in data."""

TEXTS = (XSD_STRING, RDF_LANG_STRING)


class ShapesGraph:
    """Reads parameters by their names in SHACL. ``problems`` collects what is wrong, as ``file:line: reason``.

    What ``foreign`` nodes say and is not understood is left out and told; where less is checked for it, the node is
    ``incomplete``. So it is with ``accepted`` nodes, which an earlier version understood: ``no_longer_read`` tells what
    is left out of them. ``ontologies`` say which nodes are classes, as the graph itself does. It is a graph that shapes
    can be checked in, too: a component has shapes for what is stated of its parameters.
    """

    def __init__(
        self,
        graph: MemoryGraph,
        origin: Callable[[Iri], str] | None = None,
        foreign: Container[Iri] = frozenset(),
        ontologies: MemoryGraph | None = None,
        accepted: Container[Iri] = frozenset(),
    ) -> None:
        self.graph = graph
        self.ontologies = ontologies
        self.problems: list[str] = []
        self.incomplete: set[Iri] = set()
        self.no_longer_read: list[str] = []
        self._foreign = foreign
        self._accepted = accepted
        self._left_out: dict[str, list[Iri]] = {}
        self._origin = origin or (lambda iri: "")
        self.outgoing, self.sources, self.is_pointed_at = graph.outgoing, graph.sources, graph.is_pointed_at
        self._above: dict[Iri, list[Iri]] = {}
        for subject, _, target in graph:
            if isinstance(target, str) and is_blank(target):
                self._above.setdefault(target, []).append(subject)
        self.parameters = self._own_parameters()
        """What a shape can say because a component that is declared here has it for a parameter."""
        self._telling = {SH + word for word in TARGETS | CONSTRAINTS} | self.parameters
        self._led_to = frozenset(self._shapes_by_place())
        self._shape_classes = self._below(SH + "NodeShape", SH + "PropertyShape")
        self._metaclasses = self._below(RDFS_CLASS, OWL_CLASS)

    def refuse(self, node: Iri, reason: str) -> None:
        """Note a problem, with the place of the nearest named shape; of a foreign node it is left out and told."""
        if node in self._foreign:
            self.incomplete.add(node)
            self._leave_out(node, reason)
            return
        name = self.name(node)
        place = self._origin(name)
        problem = f"{place}: <{name}> {reason}" if place else f"<{name}> {reason}"
        if node in self._accepted or name in self._accepted:
            self.incomplete.add(node)
            self.no_longer_read.append(problem)
        else:
            self.problems.append(problem)

    def may_wait(self, node: Iri, reason: str) -> bool:
        """Whether a constraint may wait for audits unasked, which is noted: nobody here can mend a foreign one."""
        if node not in self._foreign:
            return False
        self._leave_out(node, reason)
        return True

    def _leave_out(self, node: Iri, reason: str) -> None:
        self._left_out.setdefault(reason, []).append(self.name(node))

    def left_out(self) -> Sequence[str]:
        """What foreign nodes say and is not understood: each reason once, with its number and its first place."""
        return [
            f"{self._origin(names[0]) or f'<{names[0]}>'}: {reason}" + (f" ({len(names):,} times)" if names[1:] else "")
            for reason, names in self._left_out.items()
        ]

    @contextmanager
    def refusing(self, node: Iri) -> Iterator[None]:
        """Note the ValueError that what is done meanwhile may raise, and go on: every problem is worth telling."""
        try:
            yield
        except ValueError as error:
            self.refuse(node, str(error))

    def finish(self) -> None:
        """Raise OntologyRejected with all problems, if there are any."""
        if self.problems:
            findings = list(dict.fromkeys(self.problems))
            more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
            raise OntologyRejected(f"the shapes are not understood: {findings[0]}{more}", findings)

    def refuse_unknown_terms(self) -> None:
        """Refuse every SHACL term that is not understood, wherever it stands: ignored, it would mislead."""
        for subject, predicate, target in self.graph:
            if self._is_unknown(subject, predicate):
                self._refuse_term(subject, predicate, f"says {_short(predicate)}")
            if isinstance(target, str) and target.startswith(SH) and target != SH:
                self._refuse_object(subject, predicate, target)

    def _is_unknown(self, subject: Iri, predicate: Iri) -> bool:
        """Whether a predicate is of a vocabulary of constraints, and nothing here enforces or reads it."""
        if predicate in self.parameters:
            return False
        if predicate.startswith(SH):
            return predicate != _DRAFT and treatment(predicate) is Treatment.REFUSED
        if not predicate.startswith(DASH) or treatment_of_dash(predicate) is not Treatment.REFUSED:
            return False
        return is_constraint_of_dash(predicate) or self.is_shape(subject)

    def _refuse_object(self, subject: Iri, predicate: Iri, target: Iri) -> None:
        if predicate == RDF_TYPE and treatment(target) is Treatment.REFUSED:
            self._refuse_term(subject, target, f"is a {_short(target)}")

    def _refuse_term(self, subject: Iri, term: Iri, said: str) -> None:
        reason = f"{said}, which is not enforced here"
        if subject in self._foreign and term in INFERRING:
            # Without its rules a shape checks no less: they add statements, and refuse none.
            self._leave_out(subject, reason)
        else:
            self.refuse(subject, reason)

    def refuse_stray_queries(self) -> None:
        """Refuse a query or a parameter that no shape and no component leads to: it would never run."""
        leads = {SH + name for name in ("sparql", *VALIDATORS)}
        for subject in self.graph.subjects():
            said = self.graph.outgoing(subject)
            if any(SH + name in said for name in QUERIES) and not self._is_led_to(subject, leads):
                self.refuse(subject, "has a query, but is no value of sh:sparql or of a validator")
            if SH + "parameter" in said and subject not in self.instances("ConstraintComponent"):
                self.refuse(subject, "says sh:parameter, but is no sh:ConstraintComponent")

    def _is_led_to(self, node: Iri, predicates: Iterable[Iri]) -> bool:
        return any(self.graph.sources(node, predicate) for predicate in predicates)

    def name(self, node: Iri) -> Iri:
        """The node itself or the nearest node with an IRI that it is part of."""
        return next((above for above in self._upwards(node) if not is_blank(above)), node)

    def _upwards(self, node: Iri) -> Iterator[Iri]:
        """A node and all that it is part of, the nearest first."""
        waiting, seen = [node], {node}
        for current in waiting:
            yield current
            further = [above for above in self._above.get(current, ()) if above not in seen]
            waiting.extend(further)
            seen.update(further)

    def public_name(self, node: Iri) -> Iri:
        """What results say is their shape: its name, or an IRI made of what it targets where nothing has a name."""
        name = self.name(node)
        if not is_blank(name):
            return name
        targets = (t for above in self._upwards(node) for word in sorted(TARGETS) for t in self.values(above, word))
        about = next((local_name(target) for target in targets if isinstance(target, str)), "shape")
        return UNNAMED + about

    @staticmethod
    def shown(node: Iri) -> str:
        """A node as problems show it: the label of a blank node tells nobody anything."""
        return "a blank node" if is_blank(node) else f"<{node}>"

    def nodes(self) -> Iterator[Iri]:
        """Every node that is a shape (SHACL 2.1)."""
        return (node for node in self.graph.subjects() if self.is_shape(node))

    def is_shape(self, node: Iri) -> bool:
        """Whether a node says that it is a shape, has a path, or stands where SHACL wants a shape."""
        return node in self._led_to or self.says_shape(node) or SH + "path" in self.graph.outgoing(node)

    def says_shape(self, node: Iri) -> bool:
        """Whether a node is typed as a shape, has a target, or states a constraint."""
        said = self.graph.outgoing(node)
        return self.is_typed(node) or any(word in said for word in self._telling)

    def is_typed(self, node: Iri) -> bool:
        """Whether a node says that it is a shape."""
        return not self._shape_classes.isdisjoint(self._types(node))

    def is_class(self, node: Iri) -> bool:
        """Whether a node is an instance of rdfs:Class, of owl:Class, or of a class below them."""
        return not self._metaclasses.isdisjoint(self._types(node))

    def is_implicit_target(self, node: Iri) -> bool:
        """Whether a shape is for the members of the class that it is itself (SHACL 2.1.3.3)."""
        return self.is_typed(node) and self.is_class(node)

    def is_led_to(self, node: Iri) -> bool:
        """Whether something leads to a node as to a shape."""
        return node in self._led_to

    def is_off(self, node: Iri) -> bool:
        """Whether a shape is deactivated."""
        with suppress(ValueError):
            return self.flag(node, "deactivated")
        return False

    def is_known(self, term: Iri) -> bool:
        """Whether the model says something of a term, or has a class below it."""
        return any(g.says_something(term) or g.sources(term, RDFS_SUB_CLASS_OF, 1) for g in self._graphs())

    def _graphs(self) -> Sequence[MemoryGraph]:
        return (self.graph,) if self.ontologies is None else (self.graph, self.ontologies)

    def _types(self, node: Iri) -> Iterator[Term]:
        return (kind for graph in self._graphs() for kind in graph.objects(node, RDF_TYPE))

    def _below(self, *tops: Iri) -> frozenset[Iri]:
        """Some classes and all below them, in the shapes graph and the ontologies."""
        below = dict.fromkeys(tops)
        for found in (waiting := [*tops]):
            for graph in self._graphs():
                more = [sub for sub in graph.sources(found, RDFS_SUB_CLASS_OF) if sub not in below]
                waiting.extend(more)
                below.update(dict.fromkeys(more))
        return frozenset(below)

    def _shapes_by_place(self) -> Iterator[Iri]:
        """The nodes that are shapes because of who leads to them (SHACL 2.1); a broken list has no members."""
        for _, predicate, target in self.graph:
            word = predicate.removeprefix(SH)
            members: Sequence[Term] = ()
            if word in TAKING_SHAPES:
                members = (target,)
            elif word in LISTS_OF_SHAPES:
                with suppress(ValueError):
                    members = self.graph.items(target)
            yield from (member for member in members if isinstance(member, str))

    def instances(self, name: str) -> Mapping[Iri, None]:
        """The nodes of a class of SHACL, or of a class that the model has below it."""
        below = sorted(self._below(SH + name))
        return dict.fromkeys(node for found in below for node in self.graph.instances(found))

    def superclasses(self, class_iri: Iri) -> frozenset[Iri]:
        """The class itself and all classes that the shapes graph has above it."""
        above = {class_iri: None}
        for found in (waiting := [class_iri]):
            more = [target for target in self.graph.objects(found, RDFS_SUB_CLASS_OF) if isinstance(target, str)]
            waiting.extend(target for target in more if target not in above)
            above.update(dict.fromkeys(more))
        return frozenset(above)

    def _own_parameters(self) -> set[Iri]:
        """What a shape can say because a component has it for a parameter."""
        return {
            path
            for component in self.instances("ConstraintComponent")
            for parameter in self.values(component, "parameter")
            if isinstance(parameter, str)
            for path in self.values(parameter, "path")
            if isinstance(path, str)
        }

    def nodes_of(self, node: Iri, name: str) -> Iterator[Iri]:
        """Values that must be nodes. Raises ValueError for others."""
        for value in self.values(node, name):
            if isinstance(value, Literal):
                raise ValueError(f"needs a node for {_short(name)}, not {value.lexical!r}")
            yield value

    def wordings(self, node: Iri, name: str = "message") -> tuple[Literal, ...]:
        """Values that must be texts, in any language. Raises ValueError for others."""
        found = self.values(node, name)
        wordings = tuple(wording for wording in found if isinstance(wording, Literal) and wording.datatype in TEXTS)
        if len(wordings) < len(found):
            raise ValueError(f"has a {_short(name)} that is no text")
        return wordings

    def values(self, node: Iri, name: str) -> Sequence[Term]:
        """All values of a parameter; one that is not SHACL's own is given by its IRI."""
        return self.graph.objects(node, name if ":" in name else SH + name)

    def iris(self, node: Iri, name: str) -> Sequence[Iri]:
        """Values that must be IRIs. Raises ValueError for others."""
        values = self.values(node, name)
        for value in values:
            if isinstance(value, Literal) or is_blank(value):
                raise ValueError(f"needs an IRI for {_short(name)}")
        return [value for value in values if isinstance(value, str)]

    def literals(self, node: Iri, name: str) -> Sequence[Literal]:
        """Values that must be literals without a language. Raises ValueError for others."""
        return [_literal(value, name) for value in self.values(node, name)]

    def texts(self, node: Iri, name: str) -> Sequence[str]:
        """Values that must be xsd:string. Raises ValueError for others."""
        return [_text(value, name) for value in self.values(node, name)]

    def counts(self, node: Iri, name: str) -> Sequence[int]:
        """Values that must be xsd:integer of 0 or more. Raises ValueError for others."""
        found = []
        for literal in self.literals(node, name):
            value = value_of(literal)
            if literal.datatype != XSD_INTEGER or value is None or value.content < 0:
                raise ValueError(f"needs an xsd:integer of 0 or more for sh:{name}, not {literal.lexical!r}")
            found.append(int(value.content))
        return found

    def flag(self, node: Iri, name: str, spellings: Sequence[str] = ("true", "false")) -> bool:
        """A value that must be true or false; without one, false. Raises ValueError for others."""
        for literal in self.literals(node, name):
            if literal.datatype != XSD_BOOLEAN or literal.lexical not in spellings:
                raise ValueError(f"needs true or false for {_short(name)}, not {literal.lexical!r}")
            return literal.lexical == "true"
        return False

    def lists(self, node: Iri, name: str) -> Iterator[Sequence[Term]]:
        """The members of each list that a parameter has for a value. Raises ValueError for a broken one."""
        for head in self.values(node, name):
            try:
                yield self.graph.items(head)
            except ValueError:
                raise ValueError(f"needs a well-formed list for sh:{name}") from None

    def text_lists(self, node: Iri, name: str) -> Iterator[Sequence[str]]:
        """Lists of xsd:string. Raises ValueError for others."""
        for members in self.lists(node, name):
            yield [_text(member, name) for member in members]

    def iri_lists(self, node: Iri, name: str) -> Iterator[Sequence[Iri]]:
        """Lists of IRIs. Raises ValueError for others."""
        for members in self.lists(node, name):
            if any(isinstance(member, Literal) or is_blank(member) for member in members):
                raise ValueError(f"needs a list of IRIs for sh:{name}")
            yield [member for member in members if isinstance(member, str)]

    def shape_node(self, term: Term, name: str) -> Iri:
        """A value that must be a shape. Raises ValueError for others: an empty one would let everything pass."""
        if isinstance(term, Literal):
            raise ValueError(f"names the text {term.lexical!r} by sh:{name}, where a shape must stand")
        if not self.says_shape(term) and not self.values(term, "path"):
            raise ValueError(f"names {self.shown(term)} by sh:{name}, which is no shape")
        return term

    def shape_nodes(self, node: Iri, name: str) -> Iterable[Iri]:
        """The values of a parameter that takes shapes. Raises ValueError for what is none."""
        return (self.shape_node(term, name) for term in self.values(node, name))


def _literal(term: Term, name: str) -> Literal:
    if not isinstance(term, Literal) or term.datatype == RDF_LANG_STRING:
        raise ValueError(f"needs a literal without a language for sh:{name}")
    return term


def _text(term: Term, name: str) -> str:
    if _literal(term, name)[1] != XSD_STRING:
        raise ValueError(f"needs an xsd:string for sh:{name}")
    return _literal(term, name).lexical


def _short(name: str) -> str:
    return name.replace(SH, "sh:").replace(DASH, "dash:").replace(CORE, "core:") if ":" in name else f"sh:{name}"
