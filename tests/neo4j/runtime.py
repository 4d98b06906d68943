"""Neo4j Community from its Maven artifacts: fetched once into a cache, run by a Java on the machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

from tests.places import CHECKOUT


@dataclass(frozen=True, slots=True)
class Distribution:
    """A release of the server, what it needs, and the release of Neo4j Browser that it serves, if any."""

    version: str
    oldest_java: int
    main_class: str
    browser_version: str = ""

    @property
    def libraries(self) -> Path:
        """Where its jars are kept."""
        browser = f"-browser-{self.browser_version}" if self.browser_version else ""
        return CHECKOUT / "target" / f"neo4j-{self.version}{browser}"


LONG_TERM = Distribution("5.26.30", 17, "org.neo4j.server.CommunityEntryPoint", "5.24.0")
"""The long-term support line that the record is proven on; `docker/compose.yaml` names the same."""

NEWEST = Distribution("2026.08.1", 21, "org.neo4j.server.Neo4jCommunity")
"""The newest release that was tried; on this one the record only has to open, write, read and find."""


class Compilation(Enum):
    """How far the Java compiler goes: starting soon for tests, running fast for figures."""

    SOON = "-XX:TieredStopAtLevel=1"
    FAST = "-XX:TieredStopAtLevel=4"


_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>neo4j-runtime</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
{dependencies}
  </dependencies>
</project>
"""
_DEPENDENCY = """    <dependency>
      <groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>
    </dependency>"""
_JVM = [
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",
    "-XX:-OmitStackTraceInFastThrow",
    "-Dlog4j2.disable.jmx=true",
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in ("java.nio", "java.io", "sun.nio.ch")),
]


def missing_tools(distribution: Distribution) -> str:
    """What has to be installed before a server can run here, or nothing."""
    missing = []
    if java(distribution.oldest_java) is None:
        missing.append(f"Java {distribution.oldest_java} or newer")
    if not distribution.libraries.is_dir() and shutil.which("mvn") is None:
        missing.append("Maven")
    return f"needs {' and '.join(missing)}" if missing else ""


@cache
def java(oldest: int) -> str | None:
    """The first Java on the machine that is new enough."""
    for found in _javas():
        if os.access(found, os.X_OK):
            told = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr
            version = re.search(r'version "(\d+)', told)
            if version and int(version[1]) >= oldest:
                return str(found)
    return None


def _javas() -> Iterator[Path]:
    """The one on the path, those of JAVA_HOME and its kin, and what is installed beside each of these."""
    on_path = shutil.which("java")
    homes = [Path(home) for name, home in sorted(os.environ.items()) if name.startswith("JAVA_HOME") and home]
    first = [*([Path(on_path)] if on_path else []), *(home / "bin" / "java" for home in homes)]
    yield from first
    for found in first:
        yield from sorted(found.resolve().parent.parent.parent.glob("*/bin/java"))


def libraries(distribution: Distribution) -> Path:
    """The folder of jars. Of two processes that fetch it at once, the slower one uses what the faster one put there."""
    folder = distribution.libraries
    if not folder.is_dir():
        wanted = [("org.neo4j", "neo4j", distribution.version)]
        if distribution.browser_version:
            wanted.append(("org.neo4j.client", "neo4j-browser", distribution.browser_version))
        told = "\n".join(_DEPENDENCY.format(group=g, artifact=a, version=v) for g, a, v in wanted)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            pom = Path(scratch, "pom.xml")
            pom.write_text(_POM.format(dependencies=told))
            options = ["-DincludeScope=runtime", f"-DoutputDirectory={scratch}/jars"]
            subprocess.run(["mvn", "-B", "-q", "-ntp", "-f", str(pom), _GOAL, *options], check=True, timeout=900)
            with suppress(OSError):
                Path(scratch, "jars").rename(folder)
    return folder


def command(home: Path, distribution: Distribution, compilation: Compilation) -> list[str]:
    """What starts a server on a home folder that holds its configuration."""
    found = java(distribution.oldest_java)
    assert found is not None
    return [
        found, "-Xms384m", "-Xmx768m", compilation.value, *_JVM, "-cp", f"{libraries(distribution)}/*",
        distribution.main_class, f"--home-dir={home}", f"--config-dir={home}/conf",
    ]  # fmt: skip
