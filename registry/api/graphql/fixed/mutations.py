"""What can be changed. Every mutation is one atomic write, decided by the shapes of the active release."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import Annotated, TypeVar

import strawberry
from strawberry import UNSET

from registry.api.graphql.fixed.changes import Touched, touched_by
from registry.api.graphql.fixed.context import Context, Info
from registry.api.graphql.fixed.inputs import (
    Cascade,
    CommandInput,
    DeleteCascade,
    DeleteResourceInput,
    IfExists,
    LinkInput,
    PatchResourceInput,
    ReadingInput,
    RegisterTwinInput,
    ReplaceIriInput,
    StateInput,
    TransitionInput,
    UnlinkInput,
)
from registry.api.graphql.fixed.resources import Resource, Twin, loaded
from registry.api.graphql.fixed.scalars import Iri, Name, Position, Revision
from registry.api.graphql.fixed.values import PropertyInput, Statement, statement_of
from registry.api.graphql.fixed.violations import Violation, violation_of
from registry.domain.commands import Apply, Command, Single
from registry.domain.releases.release import Release
from registry.errors import BadInput, RegistryError, TooLarge
from registry.services.twins import Outcome
from registry.stores.writer import Mode

DryRun = Annotated[
    bool, strawberry.argument(description="Only say what would happen: everything is checked, nothing is stored.")
]
Key = Annotated[
    str | None,
    strawberry.argument(
        description="A text of your choice, one for each request. Repeating the request with it changes nothing more "
        "and answers what the first one did."
    ),
]
Expected = Annotated[
    Revision | None,
    strawberry.argument(description="The revision that it must still have; the write is refused otherwise."),
]
TwinIri = Annotated[Iri, strawberry.argument(description="The twin.")]
Which = Annotated[Iri, strawberry.argument(description="The resource.")]
Subject = Annotated[Iri, strawberry.argument(description="Where the link comes from.")]
Object = Annotated[Iri, strawberry.argument(description="Where the link leads to.")]
Predicate = Annotated[Name, strawberry.argument(description="The link's predicate.")]
Values = Annotated[list[ReadingInput], strawberry.argument(description="The values of its data points.")]


@strawberry.interface(description="What became of a write.")
class Payload:
    outcome: strawberry.Private[Outcome]
    mode: strawberry.Private[Mode]

    @strawberry.field(description="The resource that it was about; null where that is gone.")
    async def resource(self, info: Info) -> Resource | None:
        return await _shown(info, self.outcome, self.outcome.iris[0])

    @strawberry.field(description="The resource's revision now; 0 where it is gone.")
    async def revision(self, info: Info) -> Revision:
        shown = await _shown(info, self.outcome, self.outcome.iris[0])
        return Revision(0) if shown is None else shown.revision

    @strawberry.field(description="Where a reader of the log must be to see the write; null after a dry run.")
    def position(self) -> Position | None:
        return None if self.mode is Mode.DRY_RUN else Position(self.outcome.receipt.position)

    @strawberry.field(description="What shapes recommend and the write leaves open.")
    def warnings(self, info: Info) -> list[Violation]:
        return [violation_of(info, found) for found in self.outcome.receipt.warnings]

    @strawberry.field(description="How many more warnings there are: at most 100 are told.")
    def more_warnings(self) -> int:
        return self.outcome.receipt.more_warnings

    @strawberry.field(description="The resources that it touched, with their revisions.")
    def touched(self) -> list[Touched]:
        return touched_by(self.outcome.receipt.revisions)

    @strawberry.field(description="The triples that it removed.")
    def removed(self, info: Info) -> list[Statement]:
        return [statement_of(info.context.release, triple) for triple in self.outcome.receipt.removed]

    @strawberry.field(description="The triples that it added.")
    def added(self, info: Info) -> list[Statement]:
        return [statement_of(info.context.release, triple) for triple in self.outcome.receipt.added]


@strawberry.type(description="What became of a write to a resource.")
class ResourcePayload(Payload):
    pass


@strawberry.type(description="What became of a write to a twin.")
class TwinPayload(Payload):
    @strawberry.field(description="The twin; null where the write was about something else that has a lifecycle.")
    async def twin(self, info: Info) -> Twin | None:
        shown = await _shown(info, self.outcome, self.outcome.iris[0])
        return shown if isinstance(shown, Twin) else None


@strawberry.type(description="What became of several commands. `resource` is what the first of them was about.")
class ApplyPayload(Payload):
    @strawberry.field(description="What each command was about, in their order; null where that is gone.")
    async def resources(self, info: Info) -> list[Resource | None]:
        return await asyncio.gather(*(_shown(info, self.outcome, iri) for iri in self.outcome.iris))


_Payload = TypeVar("_Payload", bound=Payload)


@strawberry.type(description="What can be changed.")
class Mutation:
    @strawberry.mutation(description="Register a twin and, if that is new, its entity and links, in one atomic write.")
    async def register_twin(
        self,
        info: Info,
        input: Annotated[RegisterTwinInput, strawberry.argument(description="The twin and what it stands for.")],
        if_exists: Annotated[
            IfExists | None,
            strawberry.argument(description="What to do where it is there already; as the input says otherwise."),
        ] = None,
        dry_run: DryRun = False,
        idempotency_key: Key = None,
    ) -> TwinPayload:
        given = input if if_exists is None else replace(input, if_exists=if_exists)
        command = given.command(info.context.release)
        return await written(TwinPayload, info.context, command, dry_run, idempotency_key)

    @strawberry.mutation(
        description="Give some properties new values, links included; the others stay. Values that all have a "
        "`language` replace those of their languages only."
    )
    async def patch_resource(
        self,
        info: Info,
        iri: Which,
        set: Annotated[
            list[PropertyInput] | None, strawberry.argument(description="Properties and their new values.")
        ] = None,
        unset: Annotated[list[Name] | None, strawberry.argument(description="Properties that lose all values.")] = None,
        expected_revision: Expected = None,
        name: Annotated[
            str | None,
            strawberry.argument(
                description="In place of the label that `name` shows; those in other languages stay. "
                "Null takes it away."
            ),
        ] = UNSET,
        dry_run: DryRun = False,
        idempotency_key: Key = None,
    ) -> ResourcePayload:
        given = PatchResourceInput(iri=iri, set=set, unset=unset, expected_revision=expected_revision, name=name)
        command = given.command(info.context.release, info.context.languages)
        return await written(ResourcePayload, info.context, command, dry_run, idempotency_key)

    @strawberry.mutation(description="Link a resource to another one; the link may say something of its own.")
    async def link(
        self,
        info: Info,
        subject: Subject,
        predicate: Predicate,
        object: Object,
        properties: Annotated[
            list[PropertyInput] | None, strawberry.argument(description="What the link itself says.")
        ] = None,
        expected_revision: Expected = None,
        dry_run: DryRun = False,
        idempotency_key: Key = None,
    ) -> ResourcePayload:
        given = LinkInput(
            subject=subject,
            predicate=predicate,
            object=object,
            properties=properties,
            expected_revision=expected_revision,
        )
        return await written(
            ResourcePayload, info.context, given.command(info.context.release), dry_run, idempotency_key
        )

    @strawberry.mutation(description="Take a link away, with what it says.")
    async def unlink(
        self,
        info: Info,
        subject: Subject,
        predicate: Predicate,
        object: Object,
        expected_revision: Expected = None,
        dry_run: DryRun = False,
        idempotency_key: Key = None,
    ) -> ResourcePayload:
        given = UnlinkInput(subject=subject, predicate=predicate, object=object, expected_revision=expected_revision)
        return await written(
            ResourcePayload, info.context, given.command(info.context.release), dry_run, idempotency_key
        )

    @strawberry.mutation(description="Take a twin one step through its lifecycle, as the ontology declares it.")
    async def transition(
        self,
        info: Info,
        twin: TwinIri,
        trigger: Annotated[str, strawberry.argument(description="The transition's name, such as `commission`.")],
        reason: Annotated[str | None, strawberry.argument(description="Why, for the record of the transition.")] = None,
        cascade: Annotated[
            Cascade | None,
            strawberry.argument(description="What it means for the twins of parts; as declared where nobody says."),
        ] = None,
        expected_revision: Expected = None,
        dry_run: DryRun = False,
        idempotency_key: Key = None,
    ) -> TwinPayload:
        given = TransitionInput(
            twin=twin, trigger=trigger, reason=reason, cascade=cascade, expected_revision=expected_revision
        )  # fmt: skip
        return await written(TwinPayload, info.context, given.command(info.context.release), dry_run, idempotency_key)

    @strawberry.mutation(description="Carry out several commands as one write: all of them or none.")
    async def apply(
        self,
        info: Info,
        commands: Annotated[list[CommandInput], strawberry.argument(description="The commands, at most 1,000.")],
        dry_run: DryRun = False,
        idempotency_key: Key = None,
    ) -> ApplyPayload:
        release, most = info.context.release, info.context.limits.commands
        if not commands:
            raise BadInput("there is no command to apply", "commands")
        if len(commands) > most:
            raise TooLarge(f"one write has at most {most:,} commands, not {len(commands):,}", argument="commands")
        languages = info.context.languages
        command = Apply(tuple(_numbered(release, languages, number, given) for number, given in enumerate(commands)))
        return await written(ApplyPayload, info.context, command, dry_run, idempotency_key)

    @strawberry.mutation(description="Say what the world reports: values of data points of a twin.")
    async def report_state(
        self, info: Info, twin: TwinIri, values: Values, dry_run: DryRun = False, idempotency_key: Key = None
    ) -> TwinPayload:
        command = StateInput(twin=twin, values=values).reported(info.context.release)
        return await written(TwinPayload, info.context, command, dry_run, idempotency_key)

    @strawberry.mutation(description="Say what the world is asked to be: desired values of data points of a twin.")
    async def request_state(
        self, info: Info, twin: TwinIri, values: Values, dry_run: DryRun = False, idempotency_key: Key = None
    ) -> TwinPayload:
        command = StateInput(twin=twin, values=values).requested(info.context.release)
        return await written(TwinPayload, info.context, command, dry_run, idempotency_key)

    @strawberry.mutation(description="Remove a resource and all it says. Its IRI is never used again.")
    async def delete_resource(
        self,
        info: Info,
        iri: Which,
        expected_revision: Expected = None,
        cascade: Annotated[
            DeleteCascade | None, strawberry.argument(description="What goes with it; nothing otherwise.")
        ] = None,
        dry_run: DryRun = False,
        idempotency_key: Key = None,
    ) -> ResourcePayload:
        given = DeleteResourceInput(iri=iri, expected_revision=expected_revision, cascade=cascade)
        return await written(
            ResourcePayload, info.context, given.command(info.context.release), dry_run, idempotency_key
        )

    @strawberry.mutation(
        description="Give a resource another IRI, such as one without the typing error. Links to it move in the same "
        "write, and its history and `formerIri` keep the old one, which is never used again."
    )
    async def replace_iri(
        self,
        info: Info,
        from_: Annotated[Iri, strawberry.argument(name="from", description="The IRI that it has.")],
        to: Annotated[Iri, strawberry.argument(description="The IRI that it gets.")],
        expected_revision: Expected = None,
        dry_run: DryRun = False,
        idempotency_key: Key = None,
    ) -> ResourcePayload:
        given = ReplaceIriInput(from_=from_, to=to, expected_revision=expected_revision)
        return await written(
            ResourcePayload, info.context, given.command(info.context.release), dry_run, idempotency_key
        )


def _numbered(release: Release, languages: tuple[str, ...], number: int, given: CommandInput) -> Single:
    """One of several commands. An error about it says which it is."""
    try:
        return given.command(release, languages)
    except RegistryError as error:
        raise error.of_command(number) from error


async def written(kind: type[_Payload], context: Context, command: Command, dry_run: bool, key: str | None) -> _Payload:
    """Carry out a command, and forget what was read before it."""
    if key is not None and not 1 <= len(key) <= 200:
        raise BadInput("an idempotency key has 1 to 200 characters", "idempotencyKey")
    mode = Mode.DRY_RUN if dry_run else Mode.COMMIT
    outcome = await context.once(
        partial(
            context.twins.carry_out,
            context.principal,
            command,
            mode=mode,
            idempotency_key=key,
            warnings=context.warnings,
        )
    )
    context.reread()
    context.loaders.know(outcome.receipt.resources.values())
    return kind(outcome=outcome, mode=mode)


async def _shown(info: Info, outcome: Outcome, iri: str) -> Resource | None:
    """A resource as the write left it, or would leave it; read where the write did not touch it."""
    if outcome.receipt.revisions.get(iri) == 0:
        return None
    resource = outcome.receipt.resources.get(iri)
    return await loaded(info, iri) if resource is None else info.context.show(resource)
