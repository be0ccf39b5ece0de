"""What is remembered of revisions, also while another thread forgets it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import pytest

from lrs import definition_memory
from lrs.definition_memory import Known, Present

REVISION = uuid.UUID(int=1)


def test_what_is_forgotten_while_it_is_asked_for_is_answered_all_the_same() -> None:
    class Answer(dict[str, uuid.UUID]):
        """What another thread finds time to forget while it is looked into."""

        def get(self, name: str, default: object = None) -> object:  # type: ignore[override]
            present.forget("tenant", [name])
            return super().get(name, default)

    def ask(tenant: str, activities: Sequence[str]) -> dict[str, uuid.UUID]:
        return Answer(dict.fromkeys(activities, REVISION))

    present = Present(ask)
    for _ in range(2):
        found = present.revisions("tenant", ["a", "b"])
        assert found == {"a": REVISION, "b": REVISION}


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


def test_words_are_known_of_the_revision_that_holds_them() -> None:
    known = Known()
    assert not known.holds(None, b"a")
    assert not known.holds(REVISION, b"a")
    known.add(REVISION, [b"a"])
    known.add(REVISION, [b"b"])
    assert known.holds(REVISION, b"a")
    assert known.holds(REVISION, b"b")
    assert not known.holds(REVISION, b"c")
    assert not known.holds(uuid.UUID(int=2), b"a")


def test_revisions_that_are_not_asked_for_any_more_are_forgotten() -> None:
    known = Known(10)
    known.add(REVISION, [b"a"])
    for number in range(2, 100):
        known.add(uuid.UUID(int=number), [b"a", b"b"])
        assert known.holds(REVISION, b"a")  # in use
    assert not known.holds(uuid.UUID(int=2), b"a")
    assert known.holds(uuid.UUID(int=99), b"b")
    known.add(REVISION, [b"%d" % at for at in range(100)])
    assert known.holds(REVISION, b"99")
