"""What is remembered of revisions, while several threads ask and forget."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Sequence

import pytest

from lrs import definition_memory
from lrs.definition_memory import Present

REVISION = uuid.UUID(int=1)


def test_what_is_forgotten_while_it_is_asked_for_is_answered_all_the_same() -> None:
    def ask(tenant: str, activities: Sequence[str]) -> dict[str, uuid.UUID]:
        return dict.fromkeys(activities, REVISION)

    present = Present(ask)
    names = [f"http://e.example/{number}" for number in range(20)]
    done = threading.Event()

    def forget() -> None:
        while not done.is_set():
            present.forget("tenant", names)

    other = threading.Thread(target=forget)
    other.start()
    try:
        for _ in range(3000):
            found = present.revisions("tenant", names)
            assert found == dict.fromkeys(names, REVISION)
    finally:
        done.set()
        other.join()


def test_a_revision_is_asked_for_once_in_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(definition_memory, "TRUSTED", 600.0)  # however slow we are
    asked: list[str] = []

    def ask(tenant: str, activities: Sequence[str]) -> dict[str, uuid.UUID]:
        asked.extend(activities)
        return {name: REVISION for name in activities if name != "none"}

    present = Present(ask)
    for _ in range(2):
        found = present.revisions("tenant", ["a", "none"])
        assert found == {"a": REVISION, "none": None}
    assert asked == ["a", "none", "none"]
    present.forget("tenant", ["a"])
    present.revisions("tenant", ["a"])
    assert asked[-1] == "a"
