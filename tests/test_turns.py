"""Threads take short turns exactly while something large runs."""

from __future__ import annotations

import sys
import threading

import pytest

from registry.turns import SHORT_SECONDS, short_turns


def test_turns_are_short_until_the_last_one_ends() -> None:
    usual = sys.getswitchinterval()

    def fails() -> None:
        with short_turns(), short_turns():
            assert sys.getswitchinterval() == pytest.approx(SHORT_SECONDS)
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert sys.getswitchinterval() == pytest.approx(usual)


def test_several_threads_may_want_them() -> None:
    usual, inside, leave = sys.getswitchinterval(), threading.Event(), threading.Event()

    def other() -> None:
        with short_turns():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=other)
    with short_turns():
        thread.start()
        assert inside.wait(10)
    assert sys.getswitchinterval() == pytest.approx(SHORT_SECONDS)
    leave.set()
    thread.join()
    assert sys.getswitchinterval() == pytest.approx(usual)
