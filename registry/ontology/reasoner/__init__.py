"""The OWL API inside Protégé and the reasoner HermiT, run on ontology files where Java and Maven are there.

The libraries come from Maven into a cache folder at the first use, and our one class is compiled beside them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path

from registry.errors import BadInput
from registry.ontology.lint.finding import Finding
from registry.ontology.modules import ModuleKind, ontology_files, read_module
from registry.rdf.terms import Iri

_HERE = Path(__file__).parent
_TOOLS = (("java", "Java 17 or newer"), ("javac", "its compiler (a JDK)"), ("mvn", "Maven 3.6 or newer"))
_FETCH = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
_JAVA = ("java", "-XX:-UsePerfData", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx1g")
_BUILD_SECONDS = 600
_RUN_SECONDS = 600


class Task(Enum):
    """What is asked: see ``Reasoner.java``."""

    REASON = "reason"
    ALIGN = "align"
    FORM = "form"
    WRITE = "write"


def missing_tools() -> str:
    """What has to be installed before anything here can run, or nothing."""
    missing = [name for tool, name in _TOOLS if shutil.which(tool) is None]
    return f"needs {', '.join(missing)} (Debian: apt install default-jdk-headless maven)" if missing else ""


def run(task: Task, folder: Path, context: Sequence[Path] = ()) -> list[Finding]:
    """What is found in a folder's ontologies; those of ``context`` answer imports and are not looked at themselves.

    Raises BadInput where Java or Maven are missing or fail.
    """
    own = _named(folder)
    others = {iri: path for place in context for iri, path in _named(place).items() if iri not in own}
    lines = [
        f"{kind}\t{iri}\t{path}" for kind, found in (("own", own), ("context", others)) for iri, path in found.items()
    ]
    done = java("Reasoner", [task.value], "\n".join(lines))
    if done.returncode not in (0, 1) or (done.returncode and not done.stdout):
        raise BadInput(f"the reasoner failed: {done.stderr.strip()[-500:]}", argument="reason")
    rows = [line.split("\t", 1) for line in done.stdout.splitlines()]
    return [Finding(task.value, _shown(path, folder), reason) for path, reason in rows]


def java(
    main: str, arguments: Sequence[str], stdin: str = "", source: Path = _HERE
) -> subprocess.CompletedProcess[str]:
    """Run a class of a source folder on the OWL API. Raises BadInput where the tools are missing."""
    libraries, classes = _built(source)
    command = [*_JAVA, "-cp", f"{classes}{os.pathsep}{libraries}/*", main, *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=_RUN_SECONDS, check=False)


def _named(folder: Path) -> Mapping[Iri, Path]:
    return {read_module(path, ModuleKind.ONTOLOGY).iri: path.resolve() for path in ontology_files(folder)}


def _shown(path: str, folder: Path) -> str:
    whole = Path(path)
    return whole.relative_to(folder.resolve()).as_posix() if whole.is_relative_to(folder.resolve()) else whole.name


def _built(source: Path) -> tuple[Path, Path]:
    """The folders of libraries and of classes; each is made once for every version of what it is made from."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "semantic-twin-registry"
    missing = missing_tools()
    libraries = home / f"owlapi-{_digest([_HERE / 'pom.xml'])}"
    if not libraries.is_dir():
        if missing:
            raise BadInput(f"reasoning {missing}", argument="reason")
        _made(
            libraries,
            ["mvn", "-B", "-q", "-f", str(_HERE / "pom.xml"), _FETCH, "-DincludeScope=runtime", "-DoutputDirectory={}"],
        )
    sources = sorted(source.glob("*.java"))
    classes = home / f"classes-{_digest([_HERE / 'pom.xml', *sources])}"
    if not classes.is_dir():
        if missing:
            raise BadInput(f"reasoning {missing}", argument="reason")
        _made(classes, ["javac", "-nowarn", "-cp", f"{libraries}/*", "-d", "{}", *map(str, sources)])
    return libraries, classes


def _made(folder: Path, command: Sequence[str]) -> None:
    """A folder that a command fills. It gets its name only when it is whole, so that a run cut off leaves nothing."""
    filling = folder.with_name(f"{folder.name}.{os.getpid()}")
    filling.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(
            [part.format(filling) for part in command],
            capture_output=True,
            text=True,
            timeout=_BUILD_SECONDS,
            check=False,
        )
        if done.returncode:
            raise BadInput(f"{command[0]} failed: {(done.stdout + done.stderr).strip()[-500:]}", argument="reason")
        if not folder.is_dir():
            filling.rename(folder)
    finally:
        shutil.rmtree(filling, ignore_errors=True)


def _digest(paths: Sequence[Path]) -> str:
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.read_bytes())
    return whole.hexdigest()[:16]
