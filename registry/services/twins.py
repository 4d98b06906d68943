"""Changing things: every command goes from here to the writer, and comes back with what it did."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import getrandbits

from registry.access.principal import Principal
from registry.domain.adoption import twin_iri
from registry.domain.change import Change
from registry.domain.commands import (
    Apply,
    Command,
    CreateResource,
    DeleteResource,
    IfExists,
    Link,
    PatchResource,
    RegisterTwin,
    ReplaceIri,
    ReportState,
    RequestState,
    Single,
    Transition,
    Unlink,
    named,
)
from registry.domain.decisions import Setting, decide
from registry.domain.moment import Moment
from registry.domain.releases.release import Release
from registry.domain.resource import Resource
from registry.domain.view import View
from registry.rdf.terms import Iri
from registry.stores.clock import now
from registry.stores.submission import Warnings
from registry.stores.writer import Mode, Receipt, Submission, Writer


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did. ``iris`` names what each of its parts is about, ``resource`` shows the first as it is now."""

    receipt: Receipt
    iris: tuple[Iri, ...]

    @property
    def resource(self) -> Resource | None:
        """What the command was about, or None where it is gone or was not touched."""
        return self.receipt.resources.get(self.iris[0])


class Twins:
    """The one service that writes what people and devices ask for."""

    def __init__(self, writer: Writer, release: Callable[[], Release], clock: Callable[[], str] = now) -> None:
        self._writer = writer
        self._release = release
        self._clock = clock

    async def carry_out(
        self,
        principal: Principal,
        command: Command,
        *,
        mode: Mode = Mode.COMMIT,
        idempotency_key: str | None = None,
        warnings: Warnings = Warnings.EXPLAINED,
    ) -> Outcome:
        """Carry out a command; it is durable once this returns, unless it was a dry run.

        Raises the RegistryError that refused it; nothing of it is stored then. A repeated ``idempotency_key`` with
        the same command answers what the first one did.
        """
        fingerprint = None
        # Identifiers have to be unique and not secret, and the system's source of chance costs a system call.
        seed = uuid.UUID(int=getrandbits(128), version=4)
        if idempotency_key is not None:
            fingerprint = hashlib.sha256(repr(command).encode()).hexdigest()
            # The same request mints the same identifiers, so that its answer can name them again.
            seed = uuid.uuid5(uuid.NAMESPACE_URL, f"{idempotency_key} {fingerprint}")
        moment = Moment(self._clock(), seed)
        complete = _complete(await self._with_twins(command), moment)
        release = self._release()

        def work(view: View) -> Change:
            return decide(Setting(release, view, principal, moment.again()), complete)

        submission = Submission(
            work, principal, _cause(complete), idempotency_key, fingerprint, mode,
            warnings=warnings, reads=tuple(named(complete)), commands=len(_singles(complete)),
        )  # fmt: skip
        receipt = await self._writer.carry(submission)
        return Outcome(receipt, tuple(subject_of(single) for single in _singles(complete)))

    async def _with_twins(self, command: Command) -> Command:
        """The command with the twins named that entities to be patched have already.

        One that comes about meanwhile is refused by the decision, so nothing is registered twice.
        """
        singles = _singles(command)
        wanted = [one for one in singles if isinstance(one, RegisterTwin) and _is_open(one)]
        if not wanted:
            return command
        found = await asyncio.to_thread(self._writer.twins_of, [one.entity or "" for one in wanted])
        named = tuple(
            replace(one, iri=found.get(one.entity or "") or twin_iri(one.entity or ""))
            if isinstance(one, RegisterTwin) and _is_open(one)
            else one
            for one in singles
        )
        return Apply(named) if isinstance(command, Apply) else named[0]


def _is_open(command: RegisterTwin) -> bool:
    return command.if_exists is IfExists.PATCH and command.iri is None and command.entity is not None


def subject_of(command: Single) -> Iri:
    """The resource that a command is about."""
    match command:
        case RegisterTwin(iri=iri):
            return iri or ""
        case CreateResource(iri=iri):
            return iri or ""
        case PatchResource(iri=iri) | DeleteResource(iri=iri) | ReplaceIri(iri=iri):
            return iri
        case Link(subject=iri) | Unlink(subject=iri):
            return iri
        case Transition(twin=iri) | ReportState(twin=iri) | RequestState(twin=iri):
            return iri


def _singles(command: Command) -> tuple[Single, ...]:
    return command.commands if isinstance(command, Apply) else (command,)


def _complete(command: Command, moment: Moment) -> Command:
    """Mint what the caller left open, so that the work can run again and the answer can name it."""
    singles = _singles(command)
    if not any(map(_is_incomplete, singles)):
        return command
    # A seed of their own keeps what is minted here apart from what the work mints.
    aside = Moment(moment.time, uuid.uuid5(moment.seed, "left open"))
    completed = tuple(_minted(single, aside) for single in singles)
    return Apply(completed) if isinstance(command, Apply) else completed[0]


def _is_incomplete(command: Single) -> bool:
    match command:
        case RegisterTwin():
            return not (command.iri and command.entity)
        case CreateResource():
            return not command.iri
    return False


def _minted(command: Single, moment: Moment) -> Single:
    if isinstance(command, CreateResource):
        return replace(command, iri=command.iri or moment.mint())
    if not isinstance(command, RegisterTwin):
        return command
    return replace(command, iri=command.iri or moment.mint(), entity=command.entity or moment.mint())


def _cause(command: Command) -> str:
    """What the log says was asked for."""
    if isinstance(command, Apply):
        return f"apply {len(command.commands)} commands"
    name = type(command).__name__
    words = name[0].lower() + name[1:]
    return f"{words} {command.trigger}" if isinstance(command, Transition) else words
