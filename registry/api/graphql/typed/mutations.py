"""Typed mutations: the generic commands, with arguments that the model shapes. There is one way to write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLString,
)

from registry.api.graphql.fixed.context import Context, ResolveInfo
from registry.api.graphql.fixed.inputs import RegisterTwinInput
from registry.api.graphql.fixed.mutations import ResourcePayload, written
from registry.api.graphql.fixed.values import PropertyInput, by_language, stated
from registry.api.graphql.typed.filters import given_term
from registry.api.graphql.typed.inputs import Inputs
from registry.api.graphql.typed.naming import article
from registry.api.graphql.typed.objects import Objects, undescribed
from registry.api.graphql.typed.plan import ClassPlan
from registry.api.graphql.typed.properties import FieldPlan, Kind
from registry.api.graphql.typed.reading import of_class
from registry.api.graphql.typed.shared_types import Parts, some
from registry.domain import commands
from registry.domain.commands import Command
from registry.errors import BadInput, NotFound
from registry.rdf.terms import Iri, Term, text
from registry.rdf.vocabulary import MANAGED_RESOURCE, RDF_LANG_STRING, RDFS_LABEL, TWIN_OF

Fields = dict[str, GraphQLField]


class Writing:
    """Builds the mutations of each class."""

    def __init__(self, parts: Parts, objects: Objects, inputs: Inputs) -> None:
        self._parts = parts
        self._objects = objects
        self._inputs = inputs
        # What these mean is said at the mutations of the fixed half; here the words would be most of the schema.
        self._always = {
            "dryRun": GraphQLArgument(GraphQLNonNull(GraphQLBoolean), False),
            "idempotencyKey": GraphQLArgument(GraphQLString),
        }

    def fields(self, plan: ClassPlan) -> Fields:
        """What can be done to the members of a class."""
        label = self._parts.plan.release.model.label(plan.iri)
        name = plan.name
        payload = GraphQLNonNull(self._payload(plan))
        iri = GraphQLArgument(GraphQLNonNull(self._parts.input("Iri")))
        found: Fields = {}
        if plan.is_entity:
            of = GraphQLArgument(GraphQLNonNull(self._inputs.new(plan)))
            if_exists = GraphQLArgument(self._parts.input("IfExists"))
            found[f"create{name}"] = GraphQLField(
                payload, {"input": of, "ifExists": if_exists, **self._always}, resolve=self._creating(plan),
                description=f"Make {article(label)}, with a twin that stands for it, in one atomic write.",
            )  # fmt: skip
        elif MANAGED_RESOURCE in self._parts.plan.release.model.superclasses(plan.iri):
            of = GraphQLArgument(GraphQLNonNull(self._inputs.new(plan)))
            found[f"create{name}"] = GraphQLField(
                payload, {"input": of, **self._always}, resolve=self._creating_managed(plan),
                description=f"Make {article(label)}.",
            )  # fmt: skip
        of = GraphQLArgument(GraphQLNonNull(self._inputs.patch(plan)))
        revision = GraphQLArgument(self._parts.input("Revision"))
        found[f"patch{name}"] = GraphQLField(
            payload, {"iri": iri, "set": of, "expectedRevision": revision, **self._always},
            resolve=self._patching(plan),
            description=f"Give some fields of {article(label)} new values; the others stay.",
        )  # fmt: skip
        cascade = GraphQLArgument(self._parts.input("DeleteCascade"))
        found[f"delete{name}"] = GraphQLField(
            payload, {"iri": iri, "expectedRevision": revision, "cascade": cascade, **self._always},
            resolve=self._deleting(plan), description=f"Remove {article(label)} and all it says.",
        )  # fmt: skip
        link = self._inputs.link(plan)
        if link is not None:
            to = GraphQLArgument(GraphQLNonNull(link))
            own = GraphQLArgument(some(self._parts.input("PropertyInput")))
            found[f"link{name}"] = GraphQLField(
                payload,
                {"iri": iri, "to": to, "properties": own, "expectedRevision": revision, **self._always},
                resolve=self._linking(plan),
                description=f"Link {article(label)} to a resource.",
            )  # fmt: skip
            found[f"unlink{name}"] = GraphQLField(
                payload, {"iri": iri, "from": to, "expectedRevision": revision, **self._always},
                resolve=self._unlinking(plan),
                description=f"Take a link of {article(label)} away.",
            )  # fmt: skip
        return found

    def _payload(self, plan: ClassPlan) -> GraphQLObjectType:
        async def shown(source: ResourcePayload, info: ResolveInfo) -> Any:
            context = info.context
            iri = source.outcome.iris[0]
            if source.outcome.receipt.revisions.get(iri) == 0:
                return None
            resource = source.outcome.receipt.resources.get(iri) or await context.loaders.resource(iri)
            return of_class(self._parts.plan, context, resource, plan.iri)

        def fields() -> Mapping[str, GraphQLField]:
            label = self._parts.plan.release.model.label(plan.iri)
            own = GraphQLField(self._objects.of_class(plan), resolve=shown, description=f"The {label} as it is now.")
            return {**undescribed(self._parts.object("ResourcePayload")), plan.one: own}

        return GraphQLObjectType(
            self._parts.plan.naming.derived("", plan.iri, "Payload"), fields,
            interfaces=[self._parts.interface("Payload")], description="What became of a write.",
        )  # fmt: skip

    def _creating(self, plan: ClassPlan) -> Any:
        async def create(
            _: Any, info: ResolveInfo, input: Mapping[str, Any], dryRun: bool, ifExists: Any = None,
            idempotencyKey: str | None = None,
        ) -> ResourcePayload:  # fmt: skip
            given = dict(input.get("twin") or {})
            register = self._parts.given(RegisterTwinInput, {**given, "entity": {"iri": input.get("iri")}})
            command = register.command(self._parts.plan.release)
            label = {} if input.get("name") is None else {RDFS_LABEL: (text(input["name"]),)}
            command = replace(
                command, classes=(plan.iri,), properties={**label, **self._stated(plan, input)},
                twin_properties={**label, **command.twin_properties},
            )  # fmt: skip
            if ifExists is not None:
                command = replace(command, if_exists=commands.IfExists(getattr(ifExists, "value", ifExists)))
            payload = await written(ResourcePayload, info.context, command, dryRun, idempotencyKey)
            return await self._about_entity(info.context, payload)

        return create

    def _creating_managed(self, plan: ClassPlan) -> Any:
        async def create(
            _: Any, info: ResolveInfo, input: Mapping[str, Any], dryRun: bool, idempotencyKey: str | None = None
        ) -> ResourcePayload:
            label = {} if input.get("name") is None else {RDFS_LABEL: (text(input["name"]),)}
            properties = {**label, **self._stated(plan, input)}
            command = commands.CreateResource(input.get("iri"), (plan.iri,), properties)
            return await written(ResourcePayload, info.context, command, dryRun, idempotencyKey)

        return create

    @staticmethod
    async def _about_entity(context: Context, payload: ResourcePayload) -> ResourcePayload:
        """The payload, about what was made and not about its twin. The answer to a repeated request has to read it."""
        twin = payload.outcome.resource or await context.loaders.resource(payload.outcome.iris[0])
        entity = None if twin is None else twin.value(TWIN_OF)
        if not isinstance(entity, str):
            return payload
        return replace(payload, outcome=replace(payload.outcome, iris=(entity,)))

    def _patching(self, plan: ClassPlan) -> Any:
        async def patch(
            _: Any, info: ResolveInfo, iri: Iri, set: Mapping[str, Any], dryRun: bool,
            expectedRevision: int | None = None, idempotencyKey: str | None = None,
        ) -> ResourcePayload:  # fmt: skip
            await self._known(info, plan, iri)
            if not set:
                raise BadInput("the patch changes nothing: give at least one field", "set")
            command = self._patch(plan, info.context, iri, set, expectedRevision)
            return await written(ResourcePayload, info.context, command, dryRun, idempotencyKey)

        return patch

    def _patch(
        self, plan: ClassPlan, context: Context, iri: Iri, given: Mapping[str, Any], expected: int | None
    ) -> commands.PatchResource:
        """The command that new values ask for; null takes all away, of `name` the label that it showed."""
        gone = tuple(plan.fields[name].predicate for name, value in given.items() if value is None and name != "name")
        whole, texts = by_language(self._stated(plan, given))
        renaming = commands.Renaming(given["name"], context.languages) if "name" in given else None
        return commands.PatchResource(iri, whole, gone, expected, texts, renaming)

    def _deleting(self, plan: ClassPlan) -> Any:
        async def delete(
            _: Any, info: ResolveInfo, iri: Iri, dryRun: bool, expectedRevision: int | None = None,
            cascade: Any = None, idempotencyKey: str | None = None,
        ) -> ResourcePayload:  # fmt: skip
            if idempotencyKey is None or await info.context.loaders.resource(iri) is not None:
                # A request that is repeated finds nothing any more, and is answered as the first one was.
                await self._known(info, plan, iri)
            along = commands.Along.NOTHING if cascade is None else commands.Along(getattr(cascade, "value", cascade))
            command = commands.DeleteResource(iri, expectedRevision, along)
            return await written(ResourcePayload, info.context, command, dryRun, idempotencyKey)

        return delete

    def _linking(self, plan: ClassPlan) -> Any:
        async def link(
            _: Any, info: ResolveInfo, iri: Iri, to: Mapping[str, Iri], dryRun: bool,
            properties: list[Any] | None = None, expectedRevision: int | None = None,
            idempotencyKey: str | None = None,
        ) -> ResourcePayload:  # fmt: skip
            await self._known(info, plan, iri)
            ((name, target),) = to.items()
            said = [self._parts.given(PropertyInput, one) for one in properties or ()]
            own = stated(self._parts.plan.release, said, "properties")
            command: Command = commands.Link(iri, plan.fields[name].predicate, target, own, expectedRevision)
            return await written(ResourcePayload, info.context, command, dryRun, idempotencyKey)

        return link

    def _unlinking(self, plan: ClassPlan) -> Any:
        async def unlink(
            _: Any, info: ResolveInfo, iri: Iri, dryRun: bool, expectedRevision: int | None = None,
            idempotencyKey: str | None = None, **given: Mapping[str, Iri],
        ) -> ResourcePayload:  # fmt: skip
            await self._known(info, plan, iri)
            ((name, target),) = given["from"].items()
            command = commands.Unlink(iri, plan.fields[name].predicate, target, expectedRevision)
            return await written(ResourcePayload, info.context, command, dryRun, idempotencyKey)

        return unlink

    async def _known(self, info: ResolveInfo, plan: ClassPlan, iri: Iri) -> None:
        context = info.context
        resource = await context.loaders.resource(iri)
        if of_class(self._parts.plan, context, resource, plan.iri) is None:
            raise NotFound(f"there is no {self._parts.plan.release.model.label(plan.iri)} <{iri}>", iri=iri)

    def _stated(self, plan: ClassPlan, given: Mapping[str, Any]) -> dict[Iri, tuple[Term, ...]]:
        return {
            field.predicate: self._terms(field, given[field.name])
            for field in self._inputs.settable(plan)
            if given.get(field.name) is not None
        }

    def _terms(self, field: FieldPlan, given: Any) -> tuple[Term, ...]:
        if field.kind is Kind.VALUE and field.datatype == RDF_LANG_STRING:
            return tuple(text(one["value"], one.get("language") or "") for one in given)
        values = given if isinstance(given, list) else [given]
        return tuple(given_term(self._parts.plan, self._parts.scalars, field, value, field.name) for value in values)
