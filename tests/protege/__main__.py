"""``python -m tests.protege check|write FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.protege import missing_tools, run_form

if __name__ == "__main__":
    if missing_tools() or len(sys.argv) != 3 or sys.argv[1] not in ("check", "write"):
        sys.exit(missing_tools() or "usage: python -m tests.protege check|write FOLDER")
    done = run_form(sys.argv[1], Path(sys.argv[2]))
    print(done.stdout, end="")
    print(done.stderr, end="", file=sys.stderr)
    sys.exit(done.returncode)
