"""What turns a violation into something to act on: labels, a suggestion, and a fix that was tried."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice

from registry.domain.change import Guard
from registry.domain.integrity import UNKNOWN_CLASS, UNKNOWN_PROPERTY, faults
from registry.domain.judgement import JudgedGraph
from registry.domain.overlay import Net, Overlay
from registry.domain.releases.release import Release
from registry.domain.reports.hints import hint
from registry.domain.reports.labels import Naming
from registry.domain.reports.suggestions import Candidate, Suggestions
from registry.domain.view import View
from registry.errors import TooLarge
from registry.rdf.terms import Literal
from registry.rdf.vocabulary import INTEGRITY
from registry.shacl.reports.graph import Fix, Labels, Patch, Violation

MOST_EXPLAINED = 100
"""How many violations of one judgement get labels and suggestions; more than that nobody mends one by one."""
_MOST_TRIED = 5


def explain(
    release: Release, view: View, violations: Sequence[Violation], before: View | None = None,
    guards: Iterable[Guard] = (),
) -> list[Violation]:  # fmt: skip
    """The violations of a state with labels and suggestions; what is beyond `MOST_EXPLAINED` stays as it is.

    ``before`` is the state without the change that brought them. A fix is given only where making it too, in this
    state, ends the violation and brings no other: it was tried against shapes, integrity rules and ``guards``.
    """
    explaining = _Explaining(release, view, before, tuple(guards))
    return [*map(explaining.explained, violations[:MOST_EXPLAINED]), *violations[MOST_EXPLAINED:]]


class _Explaining:
    def __init__(self, release: Release, view: View, before: View | None, guards: Sequence[Guard]) -> None:
        self._release = release
        self._view = view
        self._graph = JudgedGraph(view, release.model)
        self._guards = guards
        self._naming = Naming(release, view)
        self._suggestions = Suggestions(release.model, self._naming, view, before)

    def explained(self, violation: Violation) -> Violation:
        naming = self._naming
        labels = Labels(
            naming.labels(violation.focus), naming.path_labels(violation.path), naming.labels(violation.value)
        )
        candidates = list(islice(self._suggestions.candidates(violation), _MOST_TRIED))
        for candidate in candidates:
            fix = self._tried(violation, candidate)
            if fix is not None:
                return replace(violation, labels=labels, suggestion=candidate.says, fix=fix)
        words = hint(violation, self._release.model, naming)
        if candidates and violation.component in (UNKNOWN_PROPERTY, UNKNOWN_CLASS):
            words = candidates[0].says
        return replace(violation, labels=labels, suggestion=words)

    def _tried(self, violation: Violation, candidate: Candidate) -> Fix | None:
        """The fix that a candidate makes, if it ends the violation and brings no other."""
        fixed = Overlay(self._view)
        net = fixed.net(candidate.remove, candidate.add)
        fixed.apply(net, "")
        try:
            holds = bool(net) and not self._brings_more(fixed, net) and self._ends(violation, fixed)
        except TooLarge:
            return None
        return self._fix(net, fixed) if holds else None

    def _brings_more(self, fixed: Overlay, net: Net) -> bool:
        after, release = JudgedGraph(fixed, self._release.model), self._release
        if release.shapes.new_results(self._graph, after, net) or faults(release.model, fixed, net):
            return True
        for guard in self._guards:
            stood = {found.key() for found in release.shapes.check_shape(self._graph, guard.focus, guard.shape)}
            if any(f.key() not in stood for f in release.shapes.check_shape(after, guard.focus, guard.shape)):
                return True
        return False

    def _ends(self, violation: Violation, fixed: Overlay) -> bool:
        if violation.component.startswith(INTEGRITY):
            statement = (str(violation.focus), violation.path[1:-1], violation.value or "")
            return not fixed.states(statement)
        # Only this focus and this path matter: what shapes say elsewhere, the new results have told.
        at = (violation.focus, violation.shape, violation.path)
        check, model = self._release.shapes.check_origins, self._release.model
        stood = {found.key() for found in check(self._graph, *at)}
        stands = {found.key() for found in check(JudgedGraph(fixed, model), *at)}
        return violation.key() not in stands and stands <= stood

    def _fix(self, net: Net, fixed: Overlay) -> Fix:
        touched = dict.fromkeys((subject, predicate) for subject, predicate, _ in (*net.removed, *net.added))
        names = {predicate: self._naming.short(predicate) for _, predicate in touched}
        there = fixed.resources(net.subjects)
        patches = []
        for subject in net.subjects:
            values = {
                names[predicate]: there[subject].values(predicate) if subject in there else ()
                for of, predicate in touched
                if of == subject
            }
            stated = tuple((name, value) for name, found in values.items() for value in found)
            # Texts in languages replace those of their languages only, so what has nothing else is emptied first.
            emptied = (
                name for name, found in values.items() if all(isinstance(v, Literal) and v.language for v in found)
            )
            patches.append(Patch(subject, stated, tuple(emptied)))
        return Fix(net.removed, net.added, tuple(patches), names)
