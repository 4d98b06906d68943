"""``make protege``: open all ontologies in the real window, add a class, save, and take the picture of the class tree.

Fails unless the save added the four lines of the class to the one file and touched nothing else.
"""

from __future__ import annotations

import difflib
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from registry.ontology.lint import lint
from registry.ontology.reasoner import missing_tools as missing_java
from tests.places import CHECKOUT
from tests.protege.window import assembly, screen

ENTITIES_TAB = (157, 115)
TOP_CLASS = (80, 240)
SOME_CLASS = (105, 544)
ADD_SUBCLASS = (18, 215)
"""Where these are in the window once it fills the screen."""

NAME = "Windmill"


def main() -> None:
    """The release run. Exits with what is missing where it cannot be made."""
    packages = screen.missing_tools()
    if packages or missing_java():
        sys.exit(missing_java() or f"needs a screen to draw on: apt install {packages}")
    desktop = assembly.assemble(CHECKOUT / "target" / "protege-desktop")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(shutil.copytree(CHECKOUT / "ontologies", Path(name) / "ontologies"))
        before = _texts(folder)
        _add_a_class(desktop, folder / "twin.ttl", Path(name))
        after = _texts(folder)
        changed = [file for file in after if before.get(file) != after[file]]
        lines = list(difflib.unified_diff(before["twin.ttl"], after["twin.ttl"], n=0, lineterm=""))[2:]
        added = [line for line in lines if line.startswith("+")]
        removed = [line for line in lines if line.startswith("-")]
        print(f"changed: {', '.join(changed)}; {len(added)} lines added, {len(removed)} removed")
        findings = {finding.kind for finding in lint(folder, CHECKOUT / "shapes")}
    assert changed == ["twin.ttl"], changed
    # A section that the file did not have yet brings its banner of four lines.
    assert (f"+:{NAME} rdf:type owl:Class ." in added, len(removed)) == (True, 0), lines
    assert len(added) <= 4 + 4, lines
    assert "namespace" in findings, "the check must say that the root holds imports only"


def _texts(folder: Path) -> dict[str, list[str]]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8").splitlines() for path in sorted(paths)
    }


def _add_a_class(desktop: Path, file: Path, home: Path) -> None:
    with screen.open_screen() as seen:
        log = (home / "protege.log").open("w")
        protege = subprocess.Popen(
            assembly.command(home, file), cwd=desktop, env=seen.environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            window = seen.window(" : \\[/")
            time.sleep(4)
            seen.fill(window)
            seen.click(*ENTITIES_TAB)
            seen.click(*TOP_CLASS)
            seen.press(*["Right", "Down"] * 40, *["Up"] * 60)
            seen.click(*SOME_CLASS)
            seen.picture(CHECKOUT / "docs" / "pictures" / "protege.png")
            seen.click(*TOP_CLASS)
            seen.click(*ADD_SUBCLASS)
            seen.type(NAME)
            seen.press("Return")
            time.sleep(2)
            seen.press("ctrl+s")
            time.sleep(4)
            seen.picture(CHECKOUT / "target" / "protege-saved.png")
        finally:
            protege.terminate()
            protege.wait(timeout=30)
            log.close()


if __name__ == "__main__":
    main()
