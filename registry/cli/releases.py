"""`registry ontology compare`, `publish`, `impact`, `activate`, `rollback`: from files to the release in force."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from registry.cli.options import Data, Debug, Json, Store, settings
from registry.cli.progress import progress_bar
from registry.cli.release_client import Desk, desk
from registry.cli.terminal import say, show_json, show_table
from registry.cli.unchecked import show_unchecked
from registry.errors import BadInput, ImpactUnanswered, OntologyRejected

MOST_ROWS = 40
"""So many terms and names are shown to people; a foreign ontology brings thousands."""

Release = Annotated[str, typer.Argument(help="First characters of a digest, a version, or `active`.")]
Waive = Annotated[
    list[str] | None, typer.Option("--waive", help="Accept what breaks a shape: SHAPE=REASON; it is owed from then on.")
]

Rename = Annotated[
    list[str] | None, typer.Option("--rename", help="Migrate: OLD=NEW, a term that takes another's place everywhere.")
]
Update = Annotated[Path | None, typer.Option("--update", help="Migrate: file of a SPARQL update, run with it.")]


def add_to(commands: typer.Typer) -> None:
    """Add the commands to `registry ontology`."""
    commands.command("compare")(compare)
    commands.command("publish")(publish)
    commands.command("impact")(impact)
    commands.command("activate")(activate)
    commands.command("rollback")(rollback)


def compare(
    before: Release, after: Release, store: Store = None, data: Data = None, json: Json = False, debug: Debug = False
) -> None:
    """Show what differs between two releases: terms, names, and what the versions had to become.

    Example: registry ontology compare active 4f2a91c0
    """
    with desk(settings(store, data)) as asked:
        _show_comparison(asked.compare(before, after), json)


def publish(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of ontologies; files of the same name are replaced.")
    ] = None,
    shapes: Annotated[Path | None, typer.Argument(help="Folder of shapes; FOLDER/shapes without it.")] = None,
    foreign: Annotated[
        list[Path] | None,
        typer.Option("--foreign", metavar="FILE", help="Somebody else's ontology, classes and shapes in one file."),
    ] = None,
    without: Annotated[list[str] | None, typer.Option("--without", help="Leave out a module of the release.")] = None,
    message: Annotated[str, typer.Option("-m", "--message", help="What this release is for.")] = "",
    activate: Annotated[bool, typer.Option("--activate", help="Put it in force at once.")] = False,
    waive: Waive = None,
    store: Store = None, data: Data = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Publish model files as a draft, and show what it would change for names and for all that is stored.

    Exit code 0: published. 1: findings that have to be mended first, or an impact that nobody answered.

    Example: registry ontology publish ontologies shapes -m "pumps have a seal type"
    """
    waivers = _waivers(waive)
    if folder is None and not foreign and not without:
        raise BadInput("name a folder, a foreign ontology, or a module to leave out", argument="folder")
    try:
        texts = _texts(folder, shapes, foreign or ())
        with desk(settings(store, data)) as asked:
            draft = asked.publish(texts, without or (), message)
            if draft["active"]:
                _show_published(draft, json)
                return
            if not json:
                say(f"draft {draft['digest'][:12]} is published")
                _show_comparison(draft["comparison"], json=False)
                show_unchecked(draft["leftOut"], draft["neverRun"], draft["passedOver"])
                _show_slowest(draft["slowest"], "on a sample of what is stored")
            with progress_bar() as progress:
                draft["impact"] = asked.impact(draft["digest"], {}, progress)
            if not json:
                _show_impact(draft["impact"])
            if activate:
                draft["activation"] = _activated(asked, draft["digest"], waivers, {}, json)
    except OntologyRejected as error:
        _refuse(error, json)
    if json:
        show_json(draft)
    elif not activate:
        say(f"to put it in force: registry ontology activate {draft['digest'][:12]}")


def impact(
    release: Release, rename: Rename = None, update: Update = None, store: Store = None, data: Data = None,
    json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Show which resources would start to fail under a release, by shape, and which states would be orphaned.

    With a migration: what would be so after it. Nothing is changed. Exit code 1 where something would start to fail.

    Example: registry ontology impact 4f2a91c0 --rename plant:Blower=plant:Fan
    """
    with desk(settings(store, data)) as asked, progress_bar() as progress:
        found = asked.impact(release, _migration(rename, update), progress)
    if json:
        show_json(found)
    else:
        _show_impact(found)
        _show_slowest(found["slowest"], "on all that is stored")
    if found["starting"]:
        raise typer.Exit(1)


def activate(
    release: Release, waive: Waive = None, rename: Rename = None, update: Update = None, store: Store = None,
    data: Data = None, json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Put a release in force, with its migration: every write from then on is checked under it. Nothing restarts.

    Exit code 0: it is in force. 1: resources would start to fail, and nobody answered for them.

    Example: registry ontology activate 4f2a91c0 --waive "Pump-ratedFlow=the vendor sends the data in May"
    """
    waivers, migration = _waivers(waive), _migration(rename, update)
    with desk(settings(store, data)) as asked:
        told = _activated(asked, release, waivers, migration, json)
    if json:
        show_json(told)


def rollback(
    waive: Waive = None, store: Store = None, data: Data = None, json: Json = False, debug: Debug = False
) -> None:
    """Put the release that was active before back in force, weighed like any other.

    Example: registry ontology rollback
    """
    waivers = _waivers(waive)
    with desk(settings(store, data)) as asked:
        told = _activated(asked, "previous", waivers, {}, json)
    if json:
        show_json(told)


def _show_published(draft: dict[str, Any], json: bool) -> None:
    if json:
        show_json(draft)
    else:
        say(f"this is the active release {draft['digest'][:12]}: nothing changes")


def _activated(
    asked: Desk, release: str, waivers: Sequence[dict[str, str]], migration: dict[str, Any], as_json: bool
) -> dict[str, Any]:
    try:
        with progress_bar() as progress:
            told = asked.activate(release, waivers, migration, progress)
    except ImpactUnanswered as error:
        if as_json:
            show_json({"code": error.code, "message": error.message, **error.details})
        else:
            _show_shapes(error.details["shapes"])
            say(error.message)
        raise typer.Exit(1) from error
    if not as_json:
        say(f"release {told['release'][:12]} is in force from position {told['position']:,}")
    return told


def _texts(folder: Path | None, shapes: Path | None, foreign: Sequence[Path]) -> dict[str, str]:
    from registry.ontology.modules import ModuleKind, read_folder, read_module

    modules = list(read_folder(folder, shapes)) if folder is not None else []
    for file in foreign:
        if not file.is_file():
            raise BadInput(f"there is no file {file}", argument="foreign")
        modules.append(read_module(file, ModuleKind.FOREIGN))
    return {module.file: module.text.decode("utf-8") for module in modules}


def _waivers(given: Sequence[str] | None) -> list[dict[str, str]]:
    found = []
    for text in given or ():
        shape, equals, reason = text.partition("=")
        if not shape or not equals or not reason.strip():
            raise BadInput(f"--waive takes SHAPE=REASON, not {text!r}", argument="waive")
        found.append({"shape": shape, "reason": reason.strip()})
    return found


def _migration(rename: Sequence[str] | None, update: Path | None) -> dict[str, Any]:
    pairs = [text.partition("=") for text in rename or ()]
    for old, _, new in pairs:
        if not old or not new:
            raise BadInput("--rename takes OLD=NEW, each a short name or an IRI", argument="rename")
    try:
        text = update.read_text(encoding="utf-8") if update is not None else ""
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{update}: {error}", argument="update") from error
    return {"renames": {old: new for old, _, new in pairs}, "update": text}


def _refuse(error: OntologyRejected, as_json: bool) -> None:
    findings = error.details["findings"] or [error.message]
    if as_json:
        show_json({"code": error.code, "message": error.message, "findings": findings})
    else:
        for finding in findings:
            say(finding)
        say(f"nothing is published: {len(findings)} to mend")
    raise typer.Exit(1) from error


def _show_comparison(found: dict[str, Any], json: bool) -> None:
    if json:
        show_json(found)
        return
    rows = [
        (t["module"], t["kind"], t["name"], t["level"],
         ", ".join(t["details"]) if t["fate"] == "changed" else t["fate"])
        for t in found["terms"]
    ]  # fmt: skip
    if not rows:
        say("no term differs")
        return
    title = f"{found['before'][:12]} → {found['after'][:12]}"
    show_table(("module", "kind", "term", "level", "what changed"), rows[:MOST_ROWS], title)
    if len(rows) > MOST_ROWS:
        say(f"… and {len(rows) - MOST_ROWS:,} more terms; --json lists all")
    for words, names in (("names that appear", found["namesAdded"]), ("names that fall away", found["namesGone"])):
        if names:
            more = f" … and {len(names) - MOST_ROWS:,} more" if len(names) > MOST_ROWS else ""
            say(f"{words}: {', '.join(names[:MOST_ROWS])}{more}")
    _show_graphql(found["graphql"])
    _show_graph(found["neo4j"])
    for fault in found["versions"]:
        say(f"{fault['module']} {fault['before']} → {fault['after']}: the version must become {fault['needed']}")


def _show_graphql(changes: Sequence[dict[str, str]]) -> None:
    if changes:
        rows = [(change["member"], change["fate"], change["risk"], _more_of(change)) for change in changes]
        show_table(("member", "fate", "for clients", "what changes"), rows[:MOST_ROWS], "GraphQL")
    if len(changes) > MOST_ROWS:
        say(f"… and {len(changes) - MOST_ROWS:,} more of GraphQL; --json lists all")


def _more_of(change: dict[str, str]) -> str:
    """What fate and risk do not say already: into what it changed, or why something new breaks what was right."""
    says_all = {"removed": ("breaking",), "added": ("dangerous", "safe"), "changed": ()}
    return "" if change["risk"] in says_all[change["fate"]] else change["description"]


def _show_graph(names: dict[str, dict[str, list[str]]]) -> None:
    """The names in Neo4j, written as Cypher writes them."""
    written = {"labels": ":{}", "relationshipTypes": "-[:{}]->", "properties": ".{}"}
    for fate, words in (("added", "appear"), ("gone", "fall away")):
        found = [form.format(name) for kind, form in written.items() for name in names[kind][fate]]
        if found:
            more = f" … and {len(found) - MOST_ROWS:,} more" if len(found) > MOST_ROWS else ""
            say(f"in Neo4j {words}: {', '.join(found[:MOST_ROWS])}{more}")


def _show_impact(found: dict[str, Any]) -> None:
    _show_shapes(found["shapes"])
    for state, orphaned in found["orphaned"].items():
        example = orphaned["examples"][0]
        say(f"{orphaned['resources']:,} resources are in the state {state}, which falls away: {example} …")
    if found["starting"]:
        say(f"{found['starting']:,} of {found['resources']:,} resources would start to fail")
    else:
        say(f"none of {found['resources']:,} resources would start to fail")


def _show_slowest(costs: Sequence[dict[str, Any]], where: str) -> None:
    """A line for each shape that took longest: what one check costs is what each write of such a resource will cost."""
    for cost in costs:
        each = 1_000 * cost["seconds"] / cost["checks"]
        say(
            f"{cost['shape']} ({cost['label']}) took {cost['seconds']:.3f} s {where}, {cost['share']:.0%} of the "
            f"checking: {cost['checks']:,} checks of {each:.3f} ms"
        )


def _show_shapes(shapes: Sequence[dict[str, Any]]) -> None:
    if shapes:
        rows = [
            (s["shape"], s["severity"], s["violations"], s["resources"], " ".join(s["examples"][:2])) for s in shapes
        ]
        show_table(("shape", "severity", "violations", "resources", "for example"), rows, "what would begin")
