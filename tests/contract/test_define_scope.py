"""The scope ``define``: whose Statements define Activities (4.2), and how surely.

The Statement itself is stored as it was sent, with the scope or without.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from lrs.access import Scope
from lrs.definition_memory import TRUSTED
from lrs.definition_store import Change, Noted
from lrs.definitions import Definitions
from lrs.errors import Unavailable
from lrs.recording import Recording
from lrs.services import Services
from lrs.store.definitions import MongoDefinitions
from lrs.store.statement_writes import StatementWrites
from lrs.xapi import text
from lrs.xapi.definition import defined
from lrs.xapi.versions import Version
from tests.builders import a_statement
from tests.conftest import Client, run_lrs
from tests.contract.activity_requests import about, an_id, define, definition_of
from tests.contract.answers import STATEMENTS, Enter, one, post, put
from tests.integration.peer import WRITER

WRITE = Scope.STATEMENTS_WRITE


def named(name: str, tag: str = "en") -> dict[str, Any]:
    return {"name": {tag: name}}


@pytest.fixture
def tenant() -> str:
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def writers(enter: Enter) -> dict[Scope, Client]:
    """A client for every scope, which may write Statements beside it."""
    return {scope: enter("define", WRITE, scope) for scope in Scope}


@pytest.mark.parametrize("scope", Scope)
def test_only_define_and_all_define(writers: dict[Scope, Client], scope: Scope) -> None:
    activity = an_id()
    statement = about(activity, named("sent"))
    inner = {"parent": [{"id": (around := an_id()), "definition": named("around")}]}
    statement["context"] = {"contextActivities": inner}
    post(writers[scope], statement)
    reader = writers[Scope.ALL]
    defines = scope in (Scope.DEFINE, Scope.ALL)
    assert definition_of(reader, activity) == (named("sent") if defines else None)
    assert definition_of(reader, around) == (named("around") if defines else None)
    stored = one(reader, statement["id"]).json
    assert stored["object"] == statement["object"]
    assert stored["context"] == statement["context"]


def test_without_it_nothing_that_is_defined_changes(
    writers: dict[Scope, Client],
) -> None:
    activity, owner = an_id(), writers[Scope.DEFINE]
    define(owner, activity, named("right"))
    for name in ("wrong", "false"):
        statement = about(activity, {**named(name), **named("x", "fr")})
        assert put(writers[WRITE], statement["id"], statement).status_code == 204
        shown = writers[Scope.ALL].get(
            f"{STATEMENTS}?statementId={statement['id']}&format=canonical"
        )
        assert shown.json["object"]["definition"] == named("right")
    assert definition_of(owner, activity) == named("right")


def test_canonical_shows_the_sent_definition_where_none_is_kept(
    writers: dict[Scope, Client],
) -> None:
    statement = about(an_id(), named("sent"))
    post(writers[WRITE], statement)
    shown = writers[Scope.ALL].get(
        f"{STATEMENTS}?statementId={statement['id']}&format=canonical"
    )
    assert shown.json["object"] == statement["object"]


def test_a_repeat_by_one_who_may_define_does_not_define(
    writers: dict[Scope, Client],
) -> None:
    statement = about(an_id(), named("sent"))
    post(writers[WRITE], statement)
    post(writers[Scope.ALL], statement)
    assert definition_of(writers[Scope.ALL], statement["object"]["id"]) is None


# -- killed in between, late and repeated ----------------------------------------------


def forget(services: Services, tenant: str) -> None:
    """Be as if whoever stored the Statements was killed before it noted them."""
    MongoDefinitions(services.database).forget(tenant)
    time.sleep(TRUSTED)  # what stood there a moment ago is not asked for again


def test_a_repeat_heals_what_a_killed_process_left(
    common: Services, enter: Enter, tenant: str
) -> None:
    client, statement = enter(tenant), about(an_id(), named("sent"))
    post(client, statement)
    activity = statement["object"]["id"]
    forget(common, tenant)
    assert definition_of(client, activity) is None
    post(client, a_statement(), statement)  # among new ones
    assert definition_of(client, activity) == named("sent")
    forget(common, tenant)
    assert put(client, statement["id"], statement).status_code == 204
    assert definition_of(client, activity) == named("sent")


def test_a_late_repeat_does_not_undo_what_came_later(
    common: Services, enter: Enter, tenant: str
) -> None:
    client, activity = enter(tenant), an_id()
    statements = [about(activity, named(name)) for name in ("one", "two", "one")]
    for statement in statements:
        post(client, statement)
    for lost in range(3):
        forget(common, tenant)
        for at, statement in enumerate(statements):
            if at != lost:
                post(client, statement)
        post(client, statements[lost])
        assert definition_of(client, activity) == named("one")


def test_words_that_have_lost_are_news_when_they_are_said_again(
    enter: Enter, tenant: str
) -> None:
    client, activity = enter(tenant), an_id()
    first = about(activity, named("first"))
    post(client, first)
    define(client, activity, named("second"))
    post(client, first)
    define(client, activity, named("first"))
    assert definition_of(client, activity) == named("first")


def test_one_noted_late_looks_for_those_that_passed_it(
    common: Services, enter: Enter, tenant: str
) -> None:
    client, activity = enter(tenant), an_id()
    first, late, last = (about(activity, named(name)) for name in "aba")
    post(client, first)
    quiet = _Quiet(common)
    quiet.post(tenant, late)  # stored, not noted yet
    post(client, last)  # finds its own words there already, and writes nothing
    quiet.note(tenant)
    assert definition_of(client, activity) == named("a")


def test_who_believes_in_what_another_has_just_replaced_is_not_passed_over(
    common: Services, enter: Enter, tenant: str
) -> None:
    client, activity = enter(tenant), an_id()
    for _ in range(2):
        post(client, about(activity, named("a")))  # the second knows what stands there
    other = Definitions(MongoDefinitions(common.database))
    quiet = _Quiet(common)
    quiet.post(tenant, about(activity, named("b")))
    quiet.note(tenant, other)
    post(client, about(activity, named("a")))  # believes that nothing has changed
    assert other.settle(30)
    assert definition_of(client, activity) == named("a")
    other.close()


class _Quiet:
    """Another process, which has stored a Statement and is slow to note it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        writes = StatementWrites(services.database, services.timeline)
        self._recording = Recording(writes, services.statements, services.tenants)
        self._statement = ""

    def post(self, tenant: str, statement: dict[str, Any]) -> None:
        self._statement = statement["id"]
        received, _ = text.split(json.dumps(statement).encode())
        writer = replace(WRITER, tenant=tenant)
        self._recording.record(writer, received, Version.V1_0_3)

    def note(self, tenant: str, definitions: Definitions | None = None) -> None:
        found = self._services.statements.existing(tenant, [self._statement])
        kept = found[self._statement]
        assert kept.defines
        noted = Noted(kept.stored, defined(kept.text or ""))
        definitions = definitions or Definitions(
            MongoDefinitions(self._services.database)
        )
        definitions.note(tenant, [noted])


class _Contested(MongoDefinitions):
    """A store in which another is always faster."""

    def swap(self, tenant: str, changes: Sequence[Change]) -> None:
        """Change nothing."""


def test_who_never_gets_through_is_asked_to_repeat(
    common: Services, tenant: str
) -> None:
    noted = Noted(1, {an_id(): (b'{"type":"http://a.example"}',)})
    with pytest.raises(Unavailable) as raised:
        Definitions(_Contested(common.database)).note(tenant, [noted])
    assert raised.value.headers["Retry-After"]


class _Counted(MongoDefinitions):
    """A store that counts what is asked of it."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.database)
        self.read = self.written = 0

    def definitions(self, tenant: str, activities: Sequence[str]) -> Any:
        self.read += 1
        return super().definitions(tenant, activities)

    def swap(self, tenant: str, changes: Sequence[Change]) -> None:
        self.written += len(changes)
        super().swap(tenant, changes)


def test_what_is_known_is_neither_read_nor_written_again(
    common: Services, tenant: str
) -> None:
    counted = _Counted(common)
    definitions = Definitions(counted)
    texts = {an_id(): (b'{"type":"http://a.example"}',) for _ in range(50)}
    definitions.note(tenant, [Noted(1, texts)])
    assert counted.written == 50
    read = counted.read
    for stored in range(2, 10):
        definitions.note(tenant, [Noted(stored, texts)])
    assert (counted.written, counted.read) == (50, read)


# -- rebuilding ------------------------------------------------------------------------


@pytest.fixture
def history(common: Services, enter: Enter, tenant: str) -> tuple[str, str]:
    """Two Activities: one defined twice, one by somebody who may not."""
    activity, foreign = an_id(), an_id()
    client = enter(tenant)
    define(client, activity, {**named("old"), **named("x", "fr")}, named("new"))
    define(enter(tenant, WRITE), foreign, named("foreign"))
    define(enter(tenant, WRITE), activity, named("foreign"))
    return activity, foreign


def test_definitions_can_be_made_anew(
    common: Services, enter: Enter, tenant: str, history: tuple[str, str]
) -> None:
    client = enter(tenant, Scope.ALL_READ)
    before = [definition_of(client, activity) for activity in history]
    wrong = {"definition": '{"type":"http://wrong.example"}'}
    common.database["activities"].update_many({"_id.t": tenant}, {"$set": wrong})
    assert definition_of(client, history[0]) == {"type": "http://wrong.example"}
    assert sum(common.definitions.rebuild(tenant)) == 2
    assert [definition_of(client, activity) for activity in history] == before
    assert sum(common.definitions.rebuild(tenant, everyone=True)) == 4
    assert definition_of(client, history[0])["name"] == {"fr": "x", "en": "foreign"}
    assert definition_of(client, history[1]) == named("foreign")


def test_rebuilding_leaves_other_tenants_alone(
    common: Services, enter: Enter, tenant: str, history: tuple[str, str]
) -> None:
    other = f"{tenant}-other"
    assert sum(common.definitions.rebuild(other)) == 0
    assert definition_of(enter(tenant), history[0])["name"]["en"] == "new"


def test_the_command_makes_them_anew(client: Client, services: Services) -> None:
    activity = an_id()
    define(client, activity, named("sent"))
    forget(services, "default")
    done = run_lrs(services.settings, "activities", "rebuild")
    assert done.stdout == ""
    assert "1 Statements read." in done.stderr
    assert definition_of(client, activity) == named("sent")
