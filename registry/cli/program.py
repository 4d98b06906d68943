"""The command tree."""

from __future__ import annotations

from typing import Annotated

import typer

import registry
from registry.cli import audit, doctor, materialise, ontology, query, releases, schema, serving, transfer
from registry.neo4j_browser import commands as neo4j


def _version(asked: bool) -> None:
    if asked:
        print(registry.__version__)
        raise typer.Exit


commands = typer.Typer(
    name="registry",
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
commands.command("doctor")(doctor.doctor)
releases.add_to(ontology.commands)
ontology.commands.command("materialise")(materialise.materialise)
commands.add_typer(ontology.commands, name="ontology")
commands.add_typer(neo4j.commands, name="neo4j")

program = typer.main.get_command(commands)
