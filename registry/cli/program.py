"""The command tree."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import registry
from registry.app import capabilities
from registry.cli import (
    audit,
    backup,
    doctor,
    licences,
    materialise,
    ontology,
    query,
    releases,
    schema,
    serving,
    transfer,
)


class Program(TyperGroup):
    """The commands of the core, and those of capabilities, of which each group is imported when it is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names in the order of ``--help``."""
        return [*super().list_commands(ctx), *_LATER]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command; for a group of a capability what ``--help`` says of it."""
        if group := _LATER.get(cmd_name):
            return TyperGroup(name=group.name, help=group.explanation)
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is called, with what it needs."""
        if args and (group := _LATER.get(args[0])):
            return group.name, typer.main.get_group(capabilities.found(group.place)), args[1:]
        return super().resolve_command(ctx, args)


_LATER = {group.name: group for group in capabilities.commands()}


def _version(asked: bool) -> None:
    if asked:
        print(registry.__version__)
        raise typer.Exit


commands = typer.Typer(
    name="registry",
    cls=Program,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@commands.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Digital twins, assets and their relationships as one knowledge graph, every write decided by SHACL shapes.

    Start with [bold]registry demo[/bold]: it serves a small plant whose devices are alive.
    """


commands.command("serve")(serving.serve)
commands.command("demo")(serving.demo)
commands.command("import")(transfer.import_files)
commands.command("export")(transfer.export)
commands.command("check")(transfer.check)
commands.command("audit")(audit.audit)
commands.command("query")(query.query)
commands.command("schema")(schema.schema)
commands.command("backup")(backup.backup)
commands.command("restore")(backup.restore)
commands.command("doctor")(doctor.doctor)
commands.command("licences")(licences.licences)
releases.add_to(ontology.commands)
ontology.commands.command("materialise")(materialise.materialise)
commands.add_typer(ontology.commands, name="ontology")

program = typer.main.get_command(commands)
