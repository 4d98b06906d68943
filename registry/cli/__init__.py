"""The `registry` command: one file per group of commands, each importing what is heavy only when it runs."""

from __future__ import annotations

import sys

from registry.cli.program import program
from registry.cli.terminal import fail
from registry.errors import RegistryError

__all__ = ["main"]


def main() -> None:
    """Run the command line. Exit code 0 is success, 1 a refusal that the data deserved, 2 could not be done."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        program(arguments)
    except RegistryError as error:
        if "--debug" in sys.argv:
            raise
        fail(error.code, error.message)
    except BrokenPipeError:
        # Whoever reads the output has seen enough, as `head` does.
        sys.exit(141)
