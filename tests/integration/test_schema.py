"""The schema's version: named steps in order, cut off and repeated, never backwards."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pymongo.database import Database

from config.settings import Settings
from lrs.errors import SetupError
from lrs.services import STEPS
from lrs.services import opened as opened_services
from lrs.store import mongo
from lrs.store.mongo import Document
from lrs.store.schema import Step, upgrade, version
from tests.conftest import run_lrs


@pytest.fixture
def database(settings: Settings) -> Iterator[Database[Document]]:
    """Give an empty database."""
    with mongo.connect(settings.mongodb_uri or "") as client:
        yield mongo.database(client, settings.database)


class Cut(Exception):
    """The process ended here."""


def a_step(name: str, *, cuts: int = 0) -> Step:
    """Make a step that notes its name; cut off so many times after its work."""
    left = [cuts]

    def apply(database: Database[Document]) -> None:
        database["notes"].insert_one({"step": name})
        if left[0]:
            left[0] -= 1
            raise Cut

    return Step(name, apply)


def notes(database: Database[Document]) -> list[str]:
    """Return the names of the steps that ran, in order."""
    return [row["step"] for row in database["notes"].find().sort("_id")]


def kept(database: Database[Document]) -> list[str]:
    """Return the names of the steps that the database knows of."""
    state = database["meta"].find_one({"_id": "schema"})
    assert state
    return state.get("steps", [])  # type: ignore[no-any-return]


def test_an_empty_database_has_version_0(database: Database[Document]) -> None:
    assert version(database) == 0


def test_steps_are_taken_in_order_and_once(database: Database[Document]) -> None:
    steps = [a_step(name) for name in "abc"]
    assert upgrade(database, steps) == ["a", "b", "c"]
    assert upgrade(database, steps) == []
    assert notes(database) == kept(database) == ["a", "b", "c"]
    assert version(database) == 3


def test_an_older_database_takes_the_steps_it_lacks(
    database: Database[Document],
) -> None:
    steps = [a_step(name) for name in "abcd"]
    upgrade(database, steps[:2])
    assert version(database) == 2
    assert upgrade(database, steps) == ["c", "d"]
    assert notes(database) == kept(database) == ["a", "b", "c", "d"]


def test_a_step_that_was_cut_off_is_done_again(database: Database[Document]) -> None:
    steps = [a_step("a"), a_step("b", cuts=2), a_step("c")]
    for _ in range(2):
        with pytest.raises(Cut):
            upgrade(database, steps)
        assert version(database) == 1
    assert upgrade(database, steps) == ["b", "c"]
    assert notes(database) == ["a", "b", "b", "b", "c"]
    assert kept(database) == ["a", "b", "c"]


def test_processes_that_start_at_once_end_at_the_same_version(
    database: Database[Document],
) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: upgrade(database, STEPS), range(4)))
    assert version(database) == len(STEPS)
    assert kept(database) == [step.name for step in STEPS]


def test_our_steps_have_distinct_names_and_can_be_repeated(
    database: Database[Document],
) -> None:
    assert len({step.name for step in STEPS}) == len(STEPS)
    upgrade(database, STEPS)
    before = {
        name: database[name].index_information()
        for name in database.list_collection_names()
    }
    assert "by_term" in before["statements"]
    for step in STEPS:
        step.apply(database)
    after = {name: database[name].index_information() for name in before}
    assert after == before


def test_the_order_of_the_first_steps_never_changes() -> None:
    # Databases in use have counted these: append, never insert or reorder.
    names = [step.name for step in STEPS]
    assert names[:3] == ["index-statements", "index-access", "index-workforce"]


def test_a_newer_database_is_refused_with_one_sentence(
    database: Database[Document], settings: Settings
) -> None:
    upgrade(database, STEPS)
    newer = len(STEPS) + 1
    database["meta"].update_one({"_id": "schema"}, {"$set": {"version": newer}})
    with pytest.raises(SetupError) as raised, opened_services(settings):
        pass
    message = raised.value.message
    assert message.endswith(".")
    assert message.startswith(f"The database has schema version {newer}")
    assert version(database) == newer

    done = run_lrs(settings, "credentials", "list", check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Error: {message}\n"


def test_a_command_upgrades_an_older_database(
    database: Database[Document], settings: Settings
) -> None:
    upgrade(database, STEPS[:1])
    assert run_lrs(settings, "credentials", "list").returncode == 0
    assert version(database) == len(STEPS)
