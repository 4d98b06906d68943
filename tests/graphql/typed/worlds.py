"""Random ontologies with shapes, and resources that mostly, not always, are what these say."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from registry.domain.releases.release import Release, compile_release
from registry.ontology.modules import ModuleKind, module_of
from registry.rdf.terms import Iri, Literal, Statement, Term, text
from registry.rdf.vocabulary import RDF_TYPE, RDFS_LABEL, XSD_BOOLEAN, XSD_INTEGER

NS = "https://random.example/model#"
WORDS = ("red", "green", "blue")
_RANGES = {"number": "xsd:integer", "word": "xsd:string", "text": "rdf:langString", "truth": "xsd:boolean"}


@dataclass(frozen=True)
class Property:
    """One property: ``kind`` is number, word, text, truth, choice or link."""

    name: str
    kind: str
    domain: str
    single: bool
    required: bool
    target: str = ""
    inverse: str = ""

    @property
    def iri(self) -> Iri:
        return NS + self.name


@dataclass(frozen=True)
class Spec:
    """A random ontology, as whoever made it knows it."""

    parents: dict[str, tuple[str, ...]]
    properties: tuple[Property, ...]
    resources: int = 40
    _above: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)

    def above(self, name: str) -> frozenset[str]:
        """A class and all above it."""
        if name not in self._above:
            ups = [self.above(parent) for parent in self.parents[name]]
            self._above[name] = frozenset({name}).union(*ups)
        return self._above[name]

    def fields(self, name: str) -> list[tuple[str, Property, bool]]:
        """The fields of a class: name, property, and whether it is followed backwards."""
        found = [(p.name, p, False) for p in self.properties if p.domain in self.above(name)]
        links = [p for p in self.properties if p.kind == "link" and p.target in self.above(name)]
        return found + [(p.inverse or f"{p.name}Inverse", p, True) for p in links]

    @cached_property
    def release(self) -> Release:
        """The ontology and its shapes, compiled."""
        return compile_release(
            [
                module_of("random", "\n".join(self._ontology()).encode(), ModuleKind.ONTOLOGY),
                module_of("random", "\n".join(self._shapes()).encode(), ModuleKind.SHAPES),
            ]
        )

    def _ontology(self) -> Iterator[str]:
        yield f"@prefix : <{NS}> . @prefix owl: <http://www.w3.org/2002/07/owl#> ."
        yield "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."
        yield "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> ."
        yield "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> ."
        yield f"<{NS[:-1]}> a owl:Ontology ."
        for name, parents in self.parents.items():
            yield f":{name} a owl:Class . " + " ".join(f":{name} rdfs:subClassOf :{parent} ." for parent in parents)
        for p in self.properties:
            kind = "ObjectProperty" if p.kind == "link" else "DatatypeProperty"
            range_ = f":{p.target}" if p.kind == "link" else _RANGES.get(p.kind, "xsd:string")
            yield f":{p.name} a owl:{kind} ; rdfs:domain :{p.domain} ; rdfs:range {range_} ."
            if p.inverse:
                yield f":{p.inverse} a owl:ObjectProperty ; owl:inverseOf :{p.name} ; rdfs:domain :{p.target} ;"
                yield f"  rdfs:range :{p.domain} ."

    def _shapes(self) -> Iterator[str]:
        yield f"@prefix : <{NS}> . @prefix s: <https://random.example/shapes#> ."
        yield "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> ."
        for p in self.properties:
            yield f"s:{p.domain}-{p.name} a sh:NodeShape ; sh:targetClass :{p.domain} ; sh:property s:{p.name} ."
            parts = [f"s:{p.name} sh:path :{p.name}"]
            parts += ["sh:maxCount 1"] if p.single else []
            parts += ["sh:minCount 1"] if p.required else []
            parts += [f"sh:class :{p.target}"] if p.kind == "link" else []
            parts += ["sh:in (" + " ".join(f'"{w}"' for w in WORDS) + ")"] if p.kind == "choice" else []
            yield " ; ".join(parts) + " ."

    def statements(self, chance: random.Random) -> Iterator[Statement]:
        """What there is. About one value in ten is not what the shapes ask for."""
        iris = [f"urn:r:{number:03}" for number in range(self.resources)]
        classes = {iri: chance.sample(list(self.parents), chance.choice([1, 1, 1, 2])) for iri in iris}
        for iri in iris:
            for name in classes[iri]:
                yield iri, RDF_TYPE, NS + name
            yield iri, RDFS_LABEL, text(chance.choice("ABCD") + iri[-1])
            for p in {p for name in classes[iri] for p in self.properties if p.domain in self.above(name)}:
                faulty = chance.random() < 0.1
                usual = 1 if p.single else chance.choice([0, 1, 2, 3])
                count = chance.choice([0, 2]) if faulty else usual if p.required or chance.random() < 0.8 else 0
                values = {self._value(chance, p, iris, classes) for _ in range(count)}
                yield from ((iri, p.iri, value) for value in sorted(values, key=repr))
            for p in self.properties:
                if p.inverse and chance.random() < 0.1:
                    yield iri, NS + p.inverse, chance.choice(iris)

    def _value(self, chance: random.Random, p: Property, iris: list[Iri], classes: dict[Iri, list[str]]) -> Term:
        if chance.random() < 0.08:
            faulty: list[Term] = [text("odd"), Literal("x", XSD_INTEGER), "urn:r:nowhere", chance.choice(iris)]
            return chance.choice(faulty)
        if p.kind == "link":
            fitting = [iri for iri in iris if any(p.target in self.above(name) for name in classes[iri])]
            return chance.choice(fitting or iris)
        return {
            "number": Literal(str(chance.choice([-3, 0, 7, 2**31, 2**53 + 1])), XSD_INTEGER),
            "truth": Literal(chance.choice(["true", "false", "1"]), XSD_BOOLEAN),
            "word": text(chance.choice(["a", "b", "c"])),
            "text": text(chance.choice(["one", "two"]), chance.choice(["", "en", "de", "de-AT"])),
            "choice": text(chance.choice(WORDS)),
        }[p.kind]


def random_spec(chance: random.Random) -> Spec:
    """An ontology of a few classes, some with two parents, that say and link a few things."""
    names = [f"K{number}" for number in range(chance.randint(3, 9))]
    parents: dict[str, tuple[str, ...]] = {names[0]: ()}
    for number, name in enumerate(names[1:], 1):
        parents[name] = tuple(chance.sample(names[:number], min(number, chance.choice([1, 1, 2]))))
    properties = []
    for number in range(chance.randint(4, 12)):
        kind = chance.choice(["number", "word", "text", "truth", "choice", "link", "link", "link"])
        single, required = chance.random() < 0.5, chance.random() < 0.3
        inverse = f"back{number}" if kind == "link" and chance.random() < 0.4 else ""
        target = chance.choice(names) if kind == "link" else ""
        domain = names[0] if number == 0 else chance.choice(names)
        properties.append(Property(f"p{number}", kind, domain, single, required, target, inverse))
    return Spec(parents, tuple(properties))
