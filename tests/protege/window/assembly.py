"""A Protégé Desktop that runs, put together from what Maven has; none of it is kept in the repository."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

_HERE = Path(__file__).parent
_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"
_DISTRIBUTION = "edu.stanford.protege:protege-desktop:5.5.0:zip:platform-independent"
"""The last one that Maven has whole: only its settings and one bundle are taken, the rest is 5.6.5."""

_REASONER = "net.sourceforge.owlapi:org.semanticweb.hermit:1.4.5.456"
_BUNDLES = """protege-launcher org.apache.felix.main maven-artifact protege-common protege-editor-core
protege-editor-owl owlapi-osgidistribution org.eclipse.equinox.registry org.eclipse.equinox.common logback-core
logback-classic jsr305 guava slf4j-api log4j-over-slf4j jul-to-slf4j commons-io
org.apache.servicemix.bundles.javax-inject org.eclipse.jgit JavaEWAH jaxb-api jaxb-core jaxb-impl
jakarta.activation-api"""
_CLASSES = "guava logback-classic logback-core slf4j-api org.apache.felix.main maven-artifact protege-launcher"


def assemble(folder: Path) -> Path:
    """The folder, holding Protégé; what is there already is kept."""
    if (folder / "plugins").is_dir():
        return folder
    with tempfile.TemporaryDirectory() as name:
        fetched = Path(name)
        _maven("copy-dependencies", f"-DoutputDirectory={fetched}", "-f", str(_HERE / "pom.xml"))
        for artifact in (_DISTRIBUTION, _REASONER):
            _maven("copy", f"-Dartifact={artifact}", f"-DoutputDirectory={fetched}")
        with zipfile.ZipFile(fetched / "protege-desktop-platform-independent.zip") as archive:
            archive.extractall(fetched)
        old = fetched / "Protege-5.5.0"
        shutil.copytree(old / "conf", folder / "conf", dirs_exist_ok=True)
        (folder / "bundles").mkdir(exist_ok=True)
        for bundle in _BUNDLES.split():
            shutil.copy(fetched / f"{bundle}.jar", folder / "bundles")
        shutil.copy(old / "bundles" / "org.eclipse.equinox.supplement.jar", folder / "bundles")
        # Last, so that an assembly that was cut off is not taken for a whole one.
        (folder / "plugins").mkdir()
        shutil.copy(fetched / "org.semanticweb.hermit.jar", folder / "plugins")
    return folder


def command(home: Path, file: Path) -> list[str]:
    """How to start an assembled Protégé, in its own folder, on a file; ``home`` takes its preferences."""
    return [
        "java", f"-Duser.home={home}", f"-Djava.util.prefs.userRoot={home}", "-Dfile.encoding=UTF-8", "-Xmx1g",
        "-Dlogback.configurationFile=conf/logback.xml", "-DentityExpansionLimit=100000000",
        "--add-opens=java.desktop/sun.swing=ALL-UNNAMED",
        "--add-exports=java.xml/com.sun.org.apache.xml.internal.serialize=ALL-UNNAMED",
        "-cp", ":".join(f"bundles/{name}.jar" for name in _CLASSES.split()),
        "org.protege.osgi.framework.Launcher", str(file),
    ]  # fmt: skip


def _maven(goal: str, *options: str) -> None:
    command = ["mvn", "-B", "-q", *options, "-Dmdep.stripVersion=true", f"{_PLUGIN}:{goal}"]
    subprocess.run(command, check=True, timeout=900)
