"""Neo4j Community from its Maven artifacts: fetched once into a cache, run by the Java on the machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from tests.places import CHECKOUT

VERSION = "5.26.30"
"""The long-term support line that the record is proven on; `docker/compose.yaml` names the same."""

BROWSER_VERSION = "5.24.0"
LIBRARIES = CHECKOUT / "target" / f"neo4j-{VERSION}-browser-{BROWSER_VERSION}"
OLDEST_JAVA = 17
_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>neo4j-runtime</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>{version}</version></dependency>
    <dependency>
      <groupId>org.neo4j.client</groupId><artifactId>neo4j-browser</artifactId><version>{browser}</version>
    </dependency>
  </dependencies>
</project>
"""
_JVM = [
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-XX:-OmitStackTraceInFastThrow",
    "-Dlog4j2.disable.jmx=true",
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in ("java.nio", "java.io", "sun.nio.ch")),
]


def missing_tools() -> str:
    """What has to be installed before a server can run here, or nothing."""
    missing = []
    if java() is None:
        missing.append(f"Java {OLDEST_JAVA} or newer")
    if not LIBRARIES.is_dir() and shutil.which("mvn") is None:
        missing.append("Maven")
    return f"needs {' and '.join(missing)}, or REGISTRY_TEST_NEO4J=bolt://…" if missing else ""


def java() -> str | None:
    """A Java that is new enough, from the path or from JAVA_HOME."""
    home = os.environ.get("JAVA_HOME")
    for found in (shutil.which("java"), home and f"{home}/bin/java"):
        if found and os.access(found, os.X_OK):
            told = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr
            version = re.search(r'version "(\d+)', told)
            if version and int(version[1]) >= OLDEST_JAVA:
                return found
    return None


def libraries() -> Path:
    """The folder of jars. Of two processes that fetch it at once, the slower one uses what the faster one put there."""
    if not LIBRARIES.is_dir():
        LIBRARIES.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=LIBRARIES.parent) as scratch:
            pom = Path(scratch, "pom.xml")
            pom.write_text(_POM.format(version=VERSION, browser=BROWSER_VERSION))
            options = ["-DincludeScope=runtime", f"-DoutputDirectory={scratch}/jars"]
            subprocess.run(["mvn", "-B", "-q", "-ntp", "-f", str(pom), _GOAL, *options], check=True, timeout=900)
            with suppress(OSError):
                Path(scratch, "jars").rename(LIBRARIES)
    return LIBRARIES


def command(home: Path) -> list[str]:
    """What starts a server on a home folder that holds its configuration."""
    found = java()
    assert found is not None
    return [
        found, "-Xms384m", "-Xmx768m", *_JVM, "-cp", f"{libraries()}/*",
        "org.neo4j.server.CommunityEntryPoint", f"--home-dir={home}", f"--config-dir={home}/conf",
    ]  # fmt: skip
