"""Works that share one transaction: each is decided on what the ones before it left, and refused without a trace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from registry.domain.change import Change, Entry
from registry.domain.integrity import malformed
from registry.domain.judgement import judge
from registry.domain.overlay import Net, Overlay
from registry.domain.releases.release import Release
from registry.domain.reports.blame import blamed
from registry.domain.reports.explanation import explain
from registry.errors import (
    AlreadyExists,
    BadInput,
    IllFormed,
    RegistryError,
    RevisionMoved,
    ShapesTooCostly,
    ShapesViolated,
)
from registry.rdf.terms import Iri, is_blank
from registry.rdf.vocabulary import RDF_TYPE, RELATIONSHIP
from registry.shacl import budget
from registry.shacl.budget import ALLOWANCE, Allowance
from registry.shacl.reports.graph import Violation
from registry.stores.port import Past
from registry.stores.submission import Faults, Mode, Receipt, Submission, Warnings

MOST_REPORTED = 100
"""So many violations of one write are told, and how many more there are: whoever mends those writes again."""


class Group:
    """What works do on top of a past. ``entries`` holds what the accepted ones leave in the log, to be applied."""

    def __init__(
        self, past: Past, release: Release, clock: Callable[[], str], allowance: Allowance = ALLOWANCE
    ) -> None:
        self.entries: list[Entry] = []
        self.position = past.head()
        self._past = past
        self._release = release
        self._clock = clock
        self._allowance = allowance
        self._overlay = Overlay(past)
        self._gone: set[Iri] = set()

    def decide(self, submission: Submission) -> Receipt:
        """Run a work and keep what it does for the transaction. Raises the RegistryError that refuses it."""
        repeated = self._repeated(submission)
        return repeated if repeated is not None else self._decided(submission)

    def _decided(self, submission: Submission) -> Receipt:
        time = self._clock()
        change = submission.work(self._overlay)
        after = Overlay(self._overlay)
        net = after.net(change.removed, change.added)
        try:
            self._check_expected(change)
            # Before anything else looks at the terms: shapes and stores take for granted that they are terms.
            if wrong := malformed(net.added):
                raise _ill_formed(change, net, wrong)
            revisions = after.apply(net, time)
            self._check_never_minted_again(change, net, after)
        except RegistryError as error:
            number = None if change.origins is None else change.origins.of(error.details.get("iri"))
            if number is not None and "command" not in error.details:
                error.of_command(number)
            raise
        warnings, more_warnings = self._judged(submission, change, net, after)
        resources = after.resources(dict.fromkeys((*net.subjects, *change.expected)))
        if submission.mode is Mode.DRY_RUN or not (net or submission.activates):
            current = {iri: found.revision for iri, found in resources.items()}
            return Receipt(
                self.position, {**current, **revisions}, net.removed, net.added, warnings, resources, more_warnings
            )
        self._overlay.adopt(after, net)
        self._gone.update(iri for iri, revision in revisions.items() if revision == 0)
        self.position += 1
        self.entries.append(
            Entry(
                self.position, time, submission.actor.name, submission.cause,
                (submission.activates or self._release).digest, net.removed, net.added, revisions, change.events,
                submission.idempotency_key, submission.fingerprint,
            )
        )  # fmt: skip
        return Receipt(self.position, revisions, net.removed, net.added, warnings, resources, more_warnings)

    def _judged(
        self, submission: Submission, change: Change, net: Net, after: Overlay
    ) -> tuple[tuple[Violation, ...], int]:
        """The first results, explained, and how many more there are. What is owed is kept whole."""
        if submission.faults is Faults.JUDGED:
            return (), 0
        with budget.limited(self._allowance.of(len(net.removed) + len(net.added))):
            verdict = judge(self._release, self._overlay, after, net, change.guards)
            found = [*verdict.refusals, *verdict.warnings]
            told = found if submission.faults is Faults.OWE else found[:MOST_REPORTED]
            # A fix is tried by judging once more, which costs as much as the write: only for who reads it.
            if verdict.refusals or (found and submission.warnings is Warnings.EXPLAINED):
                # What is wrong is worth telling even where there is no time left to say what to do about it.
                with suppress(ShapesTooCostly):
                    told = explain(self._release, after, told, self._overlay, change.guards)
        more = len(found) - len(told)
        if change.origins is not None:
            told = [replace(one, command=blamed(change.origins, after, one)) for one in told]
        if verdict.refusals and submission.faults is Faults.REFUSE:
            more_refusing = max(0, len(verdict.refusals) - len(told))
            fault = ShapesViolated("the shapes refuse this", told, more, more_refusing)
            raise fault if told[0].command is None else fault.of_command(told[0].command)
        return tuple(told), more

    def _repeated(self, submission: Submission) -> Receipt | None:
        """The receipt of an earlier request with the same key. Raises BadInput where that was another request."""
        key = submission.idempotency_key
        if key is None:
            return None
        found = next((entry for entry in self.entries if entry.idempotency_key == key), None)
        found = found or self._past.entry_by_key(key)
        if found is None:
            return None
        if found.fingerprint != submission.fingerprint:
            raise BadInput(f"the key {key!r} belongs to another request: take a new one", argument="idempotencyKey")
        resources = self._overlay.resources(found.revisions)
        return Receipt(found.position, found.revisions, found.removed, found.added, (), resources)

    def _check_expected(self, change: Change) -> None:
        there = self._overlay.resources(change.expected)
        for iri, expected in change.expected.items():
            actual = there[iri].revision if iri in there else 0
            if expected == 0 and actual:
                raise AlreadyExists(f"{iri} exists already", iri=iri)
            if expected != actual:
                raise RevisionMoved(iri, expected, actual)

    def _check_never_minted_again(self, change: Change, net: Net, after: Overlay) -> None:
        """Refuse to give a deleted identifier to something new.

        Blank nodes and relationships are no exception to the rule but outside it: their identifiers are derived from
        where they stand, so the same one again is the same thing again.
        """
        added = {subject for subject, _, _ in net.added} | {iri for iri, n in change.expected.items() if n == 0}
        new = added - self._overlay.resources(added).keys()
        if not new:
            return
        for iri in sorted(new & (self._gone | self._past.revisions(new).keys())):
            resource = after.resources((iri,)).get(iri)
            is_derived = is_blank(iri) or (resource is not None and RELATIONSHIP in resource.values(RDF_TYPE))
            if not is_derived:
                raise AlreadyExists(
                    f"{iri} was deleted, and an identifier is never used again: choose another", iri=iri
                )


def _ill_formed(change: Change, net: Net, wrong: Sequence[Violation]) -> IllFormed:
    """The refusal of terms that are none, with the commands that brought them."""
    origins = change.origins
    if origins is not None:
        # What is told of a term may be cut, so each is looked for by its statement.
        wrong = [
            replace(one, command=origins.of(statement[0], statement[1]))
            for statement in net.added
            for one in malformed([statement])
        ]
    fault = IllFormed("this is no RDF that can be kept", wrong)
    return fault if wrong[0].command is None else fault.of_command(wrong[0].command)
