"""xAPI-Data 2.5: StatementResult, its pages and ``more``.

XAPI-00108, XAPI-00109, XAPI-00111 (more), XAPI-00110, XAPI-00113, XAPI-00114
(statements).
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.caller import Lrs, refused, told
from tests.conformance.full_statement import VERB, a_statement, something


@pytest.fixture
def activity(lrs: Lrs) -> str:
    """Give an Activity with seven Statements."""
    activity = something()
    for _ in range(7):
        lrs.store(a_statement(object={"id": activity}))
    return activity


def _pages(lrs: Lrs, **parameters: Any) -> list[list[str]]:
    """Return the ids of all pages, following ``more``."""
    answer = lrs.ask("GET", "statements", **parameters)
    pages = []
    while True:
        assert answer.status_code == 200, told(answer)
        assert set(answer.json) <= {"statements", "more"}
        assert isinstance(answer.json["statements"], list)
        pages.append([item["id"] for item in answer.json["statements"]])
        more = answer.json.get("more", "")
        if not more:
            assert more == ""
            return pages
        answer = lrs.ask("GET", more)


def test_a_result_has_statements_and_more(lrs: Lrs, activity: str) -> None:
    """XAPI-00110, XAPI-00113."""
    answer = lrs.ask("GET", "statements", activity=activity)
    assert set(answer.json) == {"statements", "more"}
    assert len(answer.json["statements"]) == 7
    assert all(item["object"]["id"] == activity for item in answer.json["statements"])


def test_more_is_empty_when_all_is_told(lrs: Lrs, activity: str) -> None:
    """XAPI-00109."""
    assert lrs.ask("GET", "statements", activity=activity).json["more"] == ""
    assert lrs.ask("GET", "statements", activity=activity, limit="7").json["more"] == ""
    assert lrs.ask("GET", "statements", activity=something()).json == {
        "statements": [],
        "more": "",
    }


@pytest.mark.parametrize("ascending", ["true", "false"])
@pytest.mark.parametrize("limit", [1, 3, 6, 7, 8])
def test_pages_add_up_to_the_whole(
    lrs: Lrs, activity: str, limit: int, ascending: str
) -> None:
    """XAPI-00108, XAPI-00111, XAPI-00114."""
    whole = lrs.find_ids(activity=activity, ascending=ascending)
    pages = _pages(lrs, activity=activity, limit=str(limit), ascending=ascending)
    assert [item for page in pages for item in page] == whole
    assert all(len(page) == limit for page in pages[:-1])
    assert pages[-1]


@pytest.mark.parametrize("format_", ["ids", "exact", "canonical"])
def test_a_further_page_has_the_parameters_of_the_first(
    lrs: Lrs, activity: str, format_: str
) -> None:
    """XAPI-00111."""
    parameters = {"activity": activity, "verb": VERB, "format": format_, "limit": "2"}
    first = lrs.ask("GET", "statements", **parameters).json
    second = lrs.ask("GET", first["more"]).json
    shapes = {tuple(sorted(item["object"])) for item in first["statements"]}
    assert {tuple(sorted(item["object"])) for item in second["statements"]} == shapes
    assert len(second["statements"]) == 2
    assert not {item["id"] for item in first["statements"]} & {
        item["id"] for item in second["statements"]
    }


def test_more_is_an_address_of_this_server(lrs: Lrs, activity: str) -> None:
    """XAPI-00108: an IRL, relative to the host."""
    more = lrs.ask("GET", "statements", activity=activity, limit="1").json["more"]
    assert more.startswith("/xapi/statements?")
    assert " " not in more


def test_more_needs_what_every_request_needs(lrs: Lrs, activity: str) -> None:
    more = lrs.ask("GET", "statements", activity=activity, limit="1").json["more"]
    refused(lrs.ask("GET", more, headers={"X-Experience-API-Version": None}), 400)
    refused(lrs.ask("GET", more, auth=("nobody", "knows")), 401)
    assert lrs.ask("HEAD", more).status_code == 200


def test_what_comes_while_someone_pages_does_not_shift_the_pages(
    lrs: Lrs, activity: str
) -> None:
    whole = lrs.find_ids(activity=activity)
    first = lrs.ask("GET", "statements", activity=activity, limit="3").json
    lrs.store(a_statement(object={"id": activity}))
    second = lrs.ask("GET", first["more"]).json
    seen = [item["id"] for item in first["statements"] + second["statements"]]
    assert seen == whole[:6]
