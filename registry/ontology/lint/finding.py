"""One thing to mend in a model file."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """``kind`` is a stable word, ``where`` is ``file:line`` as far as it can be told, ``message`` says what to mend."""

    kind: str
    where: str
    message: str
