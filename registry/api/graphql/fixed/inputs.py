"""What can be asked to change: each input is one command of the domain, its names resolved by the active release."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

import strawberry
from strawberry import UNSET

from registry.api.graphql.fixed.scalars import DateTime, Iri, Name, Revision, Value
from registry.api.graphql.fixed.values import PropertyInput, Stated, by_language, stated
from registry.domain import commands
from registry.domain.lifecycle import Parts
from registry.domain.releases.release import Release
from registry.errors import BadInput
from registry.rdf.terms import Literal, text
from registry.rdf.vocabulary import RDFS_LABEL, TELEMETRY


@strawberry.enum(description="What a transition of a whole means for the twins of its parts.")
class Cascade(Enum):
    NONE = strawberry.enum_value("none", description="Nothing.")
    APPLY = strawberry.enum_value("apply", description="They make the same transition where they can.")
    BLOCK = strawberry.enum_value("block", description="The transition is refused while one of them is live.")


@strawberry.enum(description="What to do with what is there already.")
class IfExists(Enum):
    REFUSE = strawberry.enum_value("refuse", description="The write is refused with ALREADY_EXISTS.")
    PATCH = strawberry.enum_value(
        "patch", description="It gets the values that are given; what is missing is made, what is not given stays."
    )


@strawberry.enum(description="What goes with a resource that is deleted.")
class DeleteCascade(Enum):
    NONE = strawberry.enum_value("nothing", description="Nothing.")
    TWIN = strawberry.enum_value(
        "twin", description="The twin of an entity; of a twin its data points and the records of its transitions."
    )


@strawberry.input(description="A link of a new resource.")
class NewLinkInput:
    predicate: Name = strawberry.field(description="The link's predicate.")
    object: Iri = strawberry.field(description="Where it leads to.")


@strawberry.input(description="What a twin stands for: an entity that is there, by its IRI, or a new one, described.")
class EntityInput:
    iri: Iri | None = strawberry.field(default=None, description="Its IRI; a new entity gets one where none is given.")
    class_: list[Name] | None = strawberry.field(
        name="class", default=None, description="The class or classes of a new entity."
    )
    name: str | None = strawberry.field(default=None, description="The label of a new entity.")
    properties: list[PropertyInput] | None = strawberry.field(default=None, description="What a new entity says.")
    links: list[NewLinkInput] | None = strawberry.field(default=None, description="What a new entity is linked to.")


@strawberry.input(description="A data point of a new twin.")
class PointInput:
    name: str = strawberry.field(description="Its name within the twin: what readings are reported under.")
    iri: Iri | None = strawberry.field(default=None, description="Its IRI; made from the twin's otherwise.")
    properties: list[PropertyInput] | None = strawberry.field(default=None, description="What it says: its unit, say.")


@strawberry.input(description="A new twin and, if that is new, its entity with its links: one atomic write.")
class RegisterTwinInput:
    iri: Iri | None = strawberry.field(default=None, description="The twin's IRI; it gets one where none is given.")
    entity: EntityInput = strawberry.field(description="What the twin stands for.")
    name: str | None = strawberry.field(default=None, description="The twin's label; its new entity's otherwise.")
    properties: list[PropertyInput] | None = strawberry.field(default=None, description="What the twin says.")
    template: Name | None = strawberry.field(default=None, description="The template whose shape binds the twin.")
    lifecycle: Name | None = strawberry.field(
        default=None, description="The lifecycle that the twin goes through; the one of all twins otherwise."
    )
    points: list[PointInput] | None = strawberry.field(default=None, description="The twin's data points.")
    if_exists: IfExists | None = strawberry.field(
        default=None, description="What to do where the twin or the entity is there already; refuse otherwise."
    )

    def command(self, release: Release) -> commands.RegisterTwin:
        """The command that this asks for."""
        entity = self.entity
        properties = _described(release, entity.name, entity.properties, "entity.properties")
        for link in entity.links or ():
            predicate = release.names.resolve(link.predicate, "entity.links", release.model.properties)
            properties[predicate] = (*properties.get(predicate, ()), link.object)
        return commands.RegisterTwin(
            iri=self.iri,
            entity=entity.iri,
            classes=tuple(
                release.names.resolve(name, "entity.class", release.model.classes) for name in entity.class_ or ()
            ),
            properties=properties,
            template=_term(release, self.template, "template"),
            lifecycle=_term(release, self.lifecycle, "lifecycle"),
            twin_properties=_described(release, self.name or entity.name, self.properties, "properties"),
            points=tuple(
                commands.NewPoint(point.name, point.iri, stated(release, point.properties or (), "points"))
                for point in self.points or ()
            ),
            if_exists=commands.IfExists.REFUSE if self.if_exists is None else commands.IfExists(self.if_exists.value),
        )


@strawberry.input(
    description="New values for some properties of a resource, links included; others stay. Values that all have a "
    "`language` replace those of their languages only; what is also in `unset` is emptied first."
)
class PatchResourceInput:
    iri: Iri = strawberry.field(description="The resource.")
    set: list[PropertyInput] | None = strawberry.field(default=None, description="Properties and their new values.")
    unset: list[Name] | None = strawberry.field(default=None, description="Properties that lose all values.")
    expected_revision: Revision | None = strawberry.field(
        default=None, description="The revision that the resource must still have."
    )
    name: str | None = strawberry.field(
        default=UNSET,
        description="In place of the label that `name` shows; those in other languages stay. Null takes it away.",
    )

    def command(self, release: Release, languages: tuple[str, ...] = ()) -> commands.PatchResource:
        """The command that this asks for, from a reader of these languages."""
        unset = tuple(release.names.resolve(name, "unset", release.model.properties) for name in self.unset or ())
        properties = stated(release, self.set or (), "set")
        if not unset and not properties and self.name is UNSET:
            raise BadInput("the patch changes nothing: give `set`, `unset` or `name`", "set")
        whole, texts = by_language(properties)
        renaming = None if self.name is UNSET else commands.Renaming(self.name, languages)
        return commands.PatchResource(self.iri, whole, unset, self.expected_revision, texts, renaming)


@strawberry.input(description="A link between two resources that are there, with properties of its own.")
class LinkInput:
    subject: Iri = strawberry.field(description="Where the link comes from.")
    predicate: Name = strawberry.field(description="The link's predicate.")
    object: Iri = strawberry.field(description="Where the link leads to.")
    properties: list[PropertyInput] | None = strawberry.field(default=None, description="What the link itself says.")
    expected_revision: Revision | None = strawberry.field(
        default=None, description="The revision that the subject must still have."
    )

    def command(self, release: Release) -> commands.Link:
        """The command that this asks for."""
        predicate = release.names.resolve(self.predicate, "predicate", release.model.properties)
        return commands.Link(
            self.subject, predicate, self.object, stated(release, self.properties or (), "properties"),
            self.expected_revision,
        )  # fmt: skip


@strawberry.input(description="A link that is to go, and what it says with it.")
class UnlinkInput:
    subject: Iri = strawberry.field(description="Where the link comes from.")
    predicate: Name = strawberry.field(description="The link's predicate.")
    object: Iri = strawberry.field(description="Where the link leads to.")
    expected_revision: Revision | None = strawberry.field(
        default=None, description="The revision that the subject must still have."
    )

    def command(self, release: Release) -> commands.Unlink:
        """The command that this asks for."""
        predicate = release.names.resolve(self.predicate, "predicate", release.model.properties)
        return commands.Unlink(self.subject, predicate, self.object, self.expected_revision)


@strawberry.input(description="A move through the lifecycle.")
class TransitionInput:
    twin: Iri = strawberry.field(description="The twin.")
    trigger: str = strawberry.field(description="The transition's name, such as `commission`.")
    reason: str | None = strawberry.field(default=None, description="Why, for the record of the transition.")
    cascade: Cascade | None = strawberry.field(
        default=None, description="What it means for the twins of parts; what the lifecycle declares otherwise."
    )
    expected_revision: Revision | None = strawberry.field(
        default=None, description="The revision that the twin must still have."
    )

    def command(self, release: Release) -> commands.Transition:
        """The command that this asks for."""
        parts = Parts.AS_DECLARED if self.cascade is None else Parts(self.cascade.value)
        return commands.Transition(self.twin, self.trigger, self.reason, parts, self.expected_revision)


@strawberry.input(description="The value of a data point.")
class ReadingInput:
    point: str = strawberry.field(description="The data point's name within the twin, or its IRI.")
    value: Value = strawberry.field(description="The value.")
    datatype: Name | None = strawberry.field(default=None, description="The value's datatype, where JSON does not say.")
    observed_at: DateTime | None = strawberry.field(
        default=None, description="When it was observed; now where nobody says. An older one than the stored is passed."
    )
    quality: Name | None = strawberry.field(default=None, description="How good it is; `Good` where nobody says.")


@strawberry.input(description="Values of data points of a twin.")
class StateInput:
    twin: Iri = strawberry.field(description="The twin.")
    values: list[ReadingInput] = strawberry.field(description="The values of its data points.")

    def reported(self, release: Release) -> commands.ReportState:
        """The command that takes these for what the world says."""
        return commands.ReportState(self.twin, tuple(_reading(release, value) for value in self.values))

    def requested(self, release: Release) -> commands.RequestState:
        """The command that takes these for what the world is asked to be."""
        return commands.RequestState(self.twin, tuple(_reading(release, value) for value in self.values))


@strawberry.input(description="A resource that is to go, with everything it says. Its IRI is never used again.")
class DeleteResourceInput:
    iri: Iri = strawberry.field(description="The resource.")
    expected_revision: Revision | None = strawberry.field(
        default=None, description="The revision that the resource must still have."
    )
    cascade: DeleteCascade | None = strawberry.field(default=None, description="What goes with it; nothing otherwise.")

    def command(self, release: Release) -> commands.DeleteResource:
        """The command that this asks for."""
        along = commands.Along.NOTHING if self.cascade is None else commands.Along(self.cascade.value)
        return commands.DeleteResource(self.iri, self.expected_revision, along)


@strawberry.input(description="Another IRI for a resource. Links to it move, and the old IRI stays as an alias.")
class ReplaceIriInput:
    from_: Iri = strawberry.field(name="from", description="The IRI that it has.")
    to: Iri = strawberry.field(description="The IRI that it gets.")
    expected_revision: Revision | None = strawberry.field(
        default=None, description="The revision that the resource must still have."
    )

    def command(self, release: Release) -> commands.ReplaceIri:
        """The command that this asks for."""
        return commands.ReplaceIri(self.from_, self.to, self.expected_revision)


@strawberry.input(one_of=True, description="One of the commands that `apply` takes; exactly one field is given.")
class CommandInput:
    register_twin: strawberry.Maybe[RegisterTwinInput] = strawberry.field(description="As `registerTwin`.")
    patch_resource: strawberry.Maybe[PatchResourceInput] = strawberry.field(description="As `patchResource`.")
    link: strawberry.Maybe[LinkInput] = strawberry.field(description="As `link`.")
    unlink: strawberry.Maybe[UnlinkInput] = strawberry.field(description="As `unlink`.")
    transition: strawberry.Maybe[TransitionInput] = strawberry.field(description="As `transition`.")
    report_state: strawberry.Maybe[StateInput] = strawberry.field(description="As `reportState`.")
    request_state: strawberry.Maybe[StateInput] = strawberry.field(description="As `requestState`.")
    delete_resource: strawberry.Maybe[DeleteResourceInput] = strawberry.field(description="As `deleteResource`.")
    replace_iri: strawberry.Maybe[ReplaceIriInput] = strawberry.field(description="As `replaceIri`.")

    def command(self, release: Release, languages: tuple[str, ...] = ()) -> commands.Single:
        """The one command that this asks for, from a reader of these languages."""
        if self.report_state is not None:
            return self.report_state.value.reported(release)
        if self.request_state is not None:
            return self.request_state.value.requested(release)
        if self.patch_resource is not None:
            return self.patch_resource.value.command(release, languages)
        others = (
            self.register_twin, self.link, self.unlink, self.transition, self.delete_resource,
            self.replace_iri,
        )  # fmt: skip
        return next(given.value.command(release) for given in others if given is not None)


def _described(release: Release, name: str | None, properties: Iterable[PropertyInput] | None, argument: str) -> Stated:
    found = stated(release, properties or (), argument)
    return found if name is None else {RDFS_LABEL: (text(name),), **found}


def _term(release: Release, name: str | None, argument: str) -> str | None:
    return None if name is None else release.names.resolve(name, argument, release.model.individuals)


def _reading(release: Release, given: ReadingInput) -> commands.Reading:
    wanted = PropertyInput(property=Name(TELEMETRY + "reportedValue"), value=given.value, datatype=given.datatype)
    (value,) = stated(release, [wanted], "values")[TELEMETRY + "reportedValue"]
    assert isinstance(value, Literal)
    return commands.Reading(given.point, value, given.observed_at, _term(release, given.quality, "values"))
