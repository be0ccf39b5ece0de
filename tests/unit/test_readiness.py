"""Readiness: prepared once, tried again where that helps, known without asking."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from lrs.errors import SetupError, Unavailable
from lrs.readiness import Readiness


def nothing() -> None:
    """Do nothing."""


def failing(*errors: Exception) -> Callable[[], None]:
    """Make what raises these one after the other, and then no more."""
    left = list(errors)

    def prepare() -> None:
        if left:
            raise left.pop(0)

    return prepare


def test_until_it_is_prepared_requests_are_refused_with_the_reason() -> None:
    made = Readiness(failing(Unavailable("It is away.")), lambda: 0.0)
    assert made.reason() == "MongoDB has not answered yet."
    with pytest.raises(Unavailable, match="has not answered yet") as raised:
        made.require()
    assert raised.value.headers["Retry-After"]
    made.begin(nothing, wait=0)
    while made.reason() == "MongoDB has not answered yet.":
        time.sleep(0.01)
    assert made.reason() in ("It is away.", None)
    made.close()


def test_it_becomes_ready_by_itself_and_then_does_what_follows() -> None:
    done: list[str] = []
    made = Readiness(failing(Unavailable("a"), Unavailable("a")), lambda: 0.0)
    made.begin(lambda: done.append("joined"), wait=30)
    assert made.reason() is None
    assert done == ["joined"]
    made.require()


def test_what_must_be_mended_is_raised_at_the_start() -> None:
    made = Readiness(failing(SetupError("Mend it.")), lambda: 0.0)
    with pytest.raises(SetupError, match="Mend it"):
        made.begin(nothing, wait=30)


def test_a_later_fault_of_the_setup_is_told_and_may_be_mended_meanwhile() -> None:
    errors = Unavailable("a"), SetupError("Mend it.")
    made = Readiness(failing(*errors), lambda: 0.0)
    made.begin(nothing, wait=0)
    end = time.monotonic() + 30
    while made.reason() is not None:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_an_outage_is_waited_out_for_as_long_as_an_election_and_no_longer() -> None:
    away = 0.0
    made = Readiness(nothing, lambda: away, patience=10)
    made.now()
    away = 9.0
    made.require()
    away = 11.0
    with pytest.raises(Unavailable, match="not been reached for 11 seconds"):
        made.require()
    away = 0.0
    made.require()
