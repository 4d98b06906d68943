"""What Protégé itself makes of the ontologies: the OWL API build inside it, and its reasoner. Never in the wheel."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.places import CHECKOUT

HERE = Path(__file__).parent
LIBRARIES = CHECKOUT / "target" / "protege"


def missing_tools() -> str:
    """What has to be installed before anything here can run, or nothing."""
    missing = [name for name, tool in (("Java 17 or newer", "java"), ("Maven", "mvn")) if shutil.which(tool) is None]
    return f"needs {' and '.join(missing)}" if missing else ""


def run_form(task: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run ``check`` or ``write`` on a folder; the libraries are fetched into the package cache once."""
    if not any(LIBRARIES.glob("*.jar")):
        goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
        options = ["-DincludeScope=runtime", f"-DoutputDirectory={LIBRARIES}"]
        subprocess.run(["mvn", "-B", "-q", "-f", str(HERE / "pom.xml"), goal, *options], check=True, timeout=600)
    java = [
        "java",
        "-XX:-UsePerfData",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx1g",
        "-cp",
        f"{LIBRARIES}/*",
    ]
    command = [*java, str(HERE / "ProtegeForm.java"), task, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
