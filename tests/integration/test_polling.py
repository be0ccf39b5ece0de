"""Polling by X-Experience-API-Consistent-Through misses nothing, whatever happens."""

from __future__ import annotations

import os
import statistics
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from lrs.services import Services
from lrs.store.clock import microseconds
from tests.builders import a_statement
from tests.conftest import Client
from tests.integration.polled import rounds
from tests.integration.polling import THROUGH, a_client

pytestmark = pytest.mark.long

SECONDS = float(os.environ.get("TEST_POLLING_SECONDS", "10"))
LEASE = float(os.environ.get("TEST_POLLING_LEASE", "2"))
STATEMENTS = "/xapi/statements"


def moment(answer: httpx.Response) -> float:
    """Return consistent-through in seconds since 1970."""
    return datetime.fromisoformat(answer.headers[THROUGH]).timestamp()


def test_pollers_see_every_acknowledged_statement_once_and_none_that_was_refused(
    services: Services, tmp_path: Path
) -> None:
    figures = rounds(services, tmp_path, seconds=SECONDS, lease=LEASE)
    print(figures)  # noqa: T201
    assert figures.acknowledged > 300
    assert figures.refused
    assert figures.unknown
    assert min(figures.windows) >= 5
    assert figures.stopped_in_transactions
    assert figures.killed
    assert figures.headers_passed, "nobody was fenced"


def test_idle_the_header_is_less_than_a_second_behind(
    services: Services, server: str
) -> None:
    with a_client(30) as http:
        for _ in range(6):  # so that both workers have written
            assert http.post(f"{server}{STATEMENTS}", json=a_statement()).is_success
        behind = []
        for turn in range(15):
            time.sleep(0.7 if turn % 5 == 4 else 0.1)
            hello = services.client.admin.command("hello")
            answer = http.head(f"{server}{STATEMENTS}?limit=1")
            now = microseconds(hello["localTime"]) / 1e6
            behind.append(now - moment(answer))
    assert statistics.median(behind) < 1, behind


def test_a_page_up_to_the_header_of_another_server_is_not_read_from_an_older_state(
    client: Client, services: Services
) -> None:
    def head() -> Any:
        return client.head(f"{STATEMENTS}?limit=1")

    head()  # is known here from now on
    time.sleep(0.01)
    until = services.timeline._member.document.look(
        asked=True
    ).through  # another has asked
    text = datetime.fromtimestamp(until / 1e6).astimezone().isoformat()
    page: Any = client.get(STATEMENTS, query_string={"until": text})
    assert page.status_code == 200
    assert moment(page) >= int(until / 1000) / 1000


def test_a_page_is_read_again_when_the_primary_has_changed_meanwhile(
    client: Client, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    reigns, asked = iter(["a", "a", "b", "b", "b", "b", *"b" * 100]), []
    monkeypatch.setattr(services.timeline, "reign", lambda: next(reigns))
    page = services.retrieval._store.page

    def counted(*given: Any) -> Any:
        asked.append(given)
        return page(*given)

    monkeypatch.setattr(services.retrieval._store, "page", counted)
    answer: Any = client.get(STATEMENTS)
    assert answer.status_code == 200
    assert len(asked) == 2


def test_where_the_primary_changes_again_and_again_the_answer_is_503(
    client: Client, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services.timeline, "reign", object)
    answer: Any = client.get(STATEMENTS)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
