"""The page: a tree of classes beside entries for modules, classes, properties, shapes and lifecycles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TypeVar

from registry.domain.lifecycle import Machine
from registry.domain.releases.release import Release
from registry.ontology.model import ModelClass, ModelProperty, PropertyKind
from registry.rdf.graph import MemoryGraph
from registry.rdf.terms import Iri, Literal, Term, is_blank, local_name
from registry.rdf.vocabulary import BASE, RDFS_LABEL, SH, XSD
from registry.services.documentation.diagram import draw
from registry.services.documentation.words import datatype_in_words, path_in_words, requirement, target_in_words

_STYLE = Path(__file__).with_name("style.css")
_Declared = TypeVar("_Declared", ModelClass, ModelProperty)
_ICON = (
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>"
    "<circle cx='5' cy='5' r='4' fill='%232a9d8f'/>"
    "<circle cx='11' cy='11' r='4' fill='none' stroke='%232a9d8f' stroke-width='1.5'/></svg>"
)
_OBLIGATIONS = {"Violation": "required", "Warning": "recommended", "Info": "advice"}


def document(release: Release) -> str:
    """The whole page as HTML. It loads nothing and runs nothing, so it is read offline, from a mail or a file share."""
    return _Page(release).text()


class _Page:
    def __init__(self, release: Release) -> None:
        self._release = release
        self._model = release.model
        modules = [module for module in release.modules if module.kind.has_shapes]
        self._shapes = MemoryGraph(statement for module in modules for statement in module.statements)
        self._classes = self._sorted(self._model.classes.values())
        self._properties = self._sorted(self._model.properties.values())

    def text(self) -> str:
        """Everything, in the order in which it is read."""
        sections = {
            "modules": ("Modules", self._modules()),
            "classes": ("Classes", map(self._class, self._classes)),
            "properties": ("Properties", map(self._property, self._properties)),
            "shapes": ("Shapes", map(self._shape, self._node_shapes)),
            "lifecycles": ("Lifecycles", map(self._machine, self._machines)),
        }
        main = "".join(f'<h2 id="{key}">{title}</h2>{"".join(parts)}' for key, (title, parts) in sections.items())
        release = self._release
        facts = f"Release {escape(release.version)} · {release.digest[:12]}"
        nav = "".join(
            f'<a href="#{key}">{title}</a>{self._tree() if key == "classes" else self._list(key)}'
            for key, (title, _) in sections.items()
        )
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
            f'content="width=device-width, initial-scale=1"><title>The model · {escape(release.version)}</title>'
            f'<link rel="icon" href="{_ICON}">'
            f"<style>{_STYLE.read_text(encoding='utf-8')}</style></head>\n"
            f"<body><aside><h1>The model</h1><p>{facts}</p><nav>{nav}</nav></aside>\n"
            f"<main>{main}</main></body></html>\n"
        )

    def _sorted(self, terms: Iterable[_Declared]) -> list[_Declared]:
        known = [term for term in terms if self._model.owns(term.iri)]
        return sorted(known, key=lambda term: (term.label.lower(), term.iri))

    @cached_property
    def _machines(self) -> list[Machine]:
        return sorted(self._release.machines.values(), key=lambda machine: machine.label)

    @cached_property
    def _node_shapes(self) -> list[Iri]:
        named = (shape for shape in self._shapes.instances(SH + "NodeShape") if not is_blank(shape))
        return sorted(named, key=lambda shape: (self._label(shape).lower(), shape))

    @cached_property
    def _anchors(self) -> dict[Iri, str]:
        """Where the page tells of a term; several namespaces may have the same local name."""
        iris = [*(c.iri for c in self._classes), *(p.iri for p in self._properties), *self._node_shapes,
                *(machine.iri for machine in self._machines)]  # fmt: skip
        return {iri: self._short(iri).replace(":", "-").replace("/", "-").replace("#", "-") for iri in iris}

    @cached_property
    def _shapes_of(self) -> dict[Iri, list[Iri]]:
        found: dict[Iri, list[Iri]] = defaultdict(list)
        for shape in self._node_shapes:
            for target in self._shapes.objects(shape, SH + "targetClass"):
                if isinstance(target, str):
                    found[target].append(shape)
        return found

    def _label(self, iri: Iri) -> str:
        for graph, predicate in ((self._model.graph, RDFS_LABEL), (self._shapes, SH + "name")):
            if graph.objects(iri, predicate):
                return self._model.label(iri) if predicate == RDFS_LABEL else _text(graph.value(iri, predicate))
        return local_name(iri)

    def _short(self, iri: Iri) -> str:
        return iri.removeprefix(BASE) if iri.startswith(f"{BASE}shapes/") else self._release.names.compact(iri)

    def _named(self, iri: Iri) -> str:
        anchor, label = self._anchors.get(iri), escape(self._label(iri))
        title = escape(self._short(iri), quote=True)
        return f'<a href="#{anchor}" title="{title}">{label}</a>' if anchor else f'<span title="{title}">{label}</span>'

    def _many(self, iris: Iterable[Iri]) -> str:
        return ", ".join(self._named(iri) for iri in iris)

    def _head(self, iri: Iri, *marks: str) -> str:
        marks = (*marks, "deprecated") if iri in self._model.deprecated else marks
        shown = "".join(f'<span class="mark">{mark}</span>' for mark in marks)
        return f"<h3>{escape(self._label(iri))} <code>{escape(self._short(iri))}</code>{shown}</h3>"

    def _entry(self, iri: Iri, head: str, *parts: str) -> str:
        return f'<article id="{self._anchors[iri]}">{head}{"".join(parts)}</article>\n'

    def _modules(self) -> Iterator[str]:
        rows = [
            (escape(m.name), m.kind.value, escape(m.version), f"<code>{escape(m.iri)}</code>")
            for m in self._release.modules
        ]
        yield f"<article>{_table(('module', 'kind', 'version', 'IRI'), rows)}</article>"

    def _class(self, found: ModelClass) -> str:
        own = [p for p in self._properties if found.iri in p.domains]
        values = [iri for iri in self._model.graph.instances(found.iri) if iri in self._model.individuals]
        facts = [
            f"a kind of {self._many(found.parents)}" if found.parents else "",
            f"kinds: {self._many(self._children[found.iri])}" if self._children[found.iri] else "",
            f"shapes: {self._many(self._shapes_of[found.iri])}" if self._shapes_of.get(found.iri) else "",
            self._instead(found.iri),
        ]
        rows = [(self._named(p.iri), self._range(p), escape(p.definition)) for p in own]
        known = [(escape(self._label(v)), escape(self._model.definition(v))) for v in sorted(values, key=self._label)]
        return self._entry(
            found.iri, self._head(found.iri), f"<p>{escape(found.definition)}</p>", _facts(facts),
            _table(("property", "value", "meaning"), rows), _table(("individual", "meaning"), known),
        )  # fmt: skip

    def _instead(self, iri: Iri) -> str:
        instead = self._model.deprecated.get(iri)
        return f"use instead: {self._many(instead)}" if instead else ""

    @cached_property
    def _children(self) -> dict[Iri, list[Iri]]:
        found: dict[Iri, list[Iri]] = defaultdict(list)
        for one in self._classes:
            for parent in one.parents:
                found[parent].append(one.iri)
        return found

    def _range(self, found: ModelProperty) -> str:
        ranges = [datatype_in_words(r) if r.startswith(XSD) else self._named(r) for r in found.ranges]
        shown = ", ".join(ranges) or "anything"
        return f"at most one: {shown}" if found.functional else shown

    def _property(self, found: ModelProperty) -> str:
        kind = {PropertyKind.OBJECT: "link", PropertyKind.DATATYPE: "value", PropertyKind.ANNOTATION: "note"}[
            found.kind
        ]
        facts = [
            f"of {self._many(found.domains)}" if found.domains else "of anything",
            f"to {self._range(found)}",
            f"inverse: {self._named(found.inverse)}" if found.inverse else "",
            self._instead(found.iri),
        ]
        return self._entry(
            found.iri, self._head(found.iri, kind), f"<p>{escape(found.definition)}</p>", _facts(facts)
        )  # fmt: skip

    def _shape(self, shape: Iri) -> str:
        graph = self._shapes
        target = target_in_words(graph, shape, self._named)
        guards = [t.label for m in self._machines for t in m.transitions if t.guard == shape]
        asked = f"Asked of {target}." if target else f"Asked on {escape(', '.join(guards))}." if guards else ""
        closed = "Nothing else may be said." if _text(graph.value(shape, SH + "closed")) == "true" else ""
        properties = [p for p in graph.objects(shape, SH + "property") if isinstance(p, str)]
        rows = [
            (
                path_in_words(graph, found, self._named),
                requirement(graph, found, self._named),
                self._obligation(found),
                escape(_text(graph.value(found, SH + "message"))),
            )
            for found in properties
        ]
        return self._entry(
            shape, self._head(shape), _facts([asked, closed]), _table(("path", "values", "", "what to do"), rows)
        )  # fmt: skip

    def _obligation(self, shape: Iri) -> str:
        severity = local_name(str(self._shapes.value(shape, SH + "severity") or SH + "Violation"))
        return f'<span class="{escape(severity)}">{_OBLIGATIONS.get(severity, escape(severity))}</span>'

    def _machine(self, machine: Machine) -> str:
        governs = f"Governs every {self._named(machine.governs)}." if machine.governs else ""
        rows = [
            (
                escape(t.trigger),
                " or ".join(escape(machine.states[s].label) for s in sorted(t.sources)),
                escape(machine.states[t.target].label),
                self._named(t.guard) if t.guard else "",
                escape(" or ".join(t.roles)),
                escape(t.definition),
            )
            for t in sorted(machine.transitions, key=lambda t: t.trigger)
        ]
        return self._entry(
            machine.iri, self._head(machine.iri), f"<p>{escape(machine.definition)}</p>", _facts([governs]),
            f'<div class="scroll">{draw(machine, self._anchors[machine.iri])}</div>',
            _table(("trigger", "from", "to", "guard", "role", "meaning"), rows),
        )  # fmt: skip

    def _list(self, section: str) -> str:
        listed = {"properties": [found.iri for found in self._properties], "shapes": self._node_shapes,
                  "lifecycles": [machine.iri for machine in self._machines]}.get(section, [])  # fmt: skip
        links = "".join(f"<li>{self._named(iri)}</li>" for iri in listed)
        shown = " open" if len(listed) < 10 else ""
        return f"<details{shown}><summary>{len(listed)} {section}</summary><ul>{links}</ul></details>" if links else ""

    def _tree(self) -> str:
        own = {one.iri for one in self._classes}
        roots = [one.iri for one in self._classes if not own.intersection(one.parents)]
        return f"<ul>{''.join(self._branch(iri, frozenset()) for iri in roots)}</ul>"

    def _branch(self, iri: Iri, above: frozenset[Iri]) -> str:
        children = [child for child in self._children[iri] if child not in above]
        if not children:
            return f"<li>{self._named(iri)}</li>"
        inner = "".join(self._branch(child, above | {iri}) for child in children)
        return f"<li><details open><summary>{self._named(iri)}</summary><ul>{inner}</ul></details></li>"


def _text(term: Term | None) -> str:
    return term.lexical if isinstance(term, Literal) else ""


def _facts(facts: Iterable[str]) -> str:
    said = [fact for fact in facts if fact]
    return f'<p class="facts">{" · ".join(said)}</p>' if said else ""


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    head = "".join(f"<th>{column}</th>" for column in columns)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if body else ""
