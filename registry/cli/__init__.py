"""The `registry` command: one file per group of commands, each importing what is heavy only when it runs."""

from __future__ import annotations

import sys

from registry.cli.console import fail
from registry.cli.program import program
from registry.errors import RegistryError

__all__ = ["main"]


def main() -> None:
    """Run the command line. Exit code 0 is success, 1 a refusal that the data deserved, 2 could not be done."""
    import click

    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        sys.exit(program(arguments, standalone_mode=False) or 0)
    except RegistryError as error:
        if debug:
            raise
        fail(error.code, error.message)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(130)
