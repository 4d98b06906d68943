"""The `registry` command: one file per group of commands, each importing what is heavy only when it runs."""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import NoReturn

from registry.cli.program import program
from registry.cli.terminal import fail
from registry.errors import RegistryError

__all__ = ["main"]


def main() -> None:
    """Run the command line. Exit code 0 is success, 1 a refusal that the data deserved, 2 could not be done.

    A command that is ended by a signal lets go of its files first; its exit code is 128 and the signal's number.
    """
    signal.signal(signal.SIGTERM, _ended)
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


def _ended(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
