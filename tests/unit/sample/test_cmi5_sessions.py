"""The cmi5 sessions of the sample keep the rules an LRS can check (reference 1-29)."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from typing import Any

import pytest

from lrs.cmi5.statement_rules import review

from .conftest import Company

CMI5 = "https://w3id.org/xapi/cmi5/context/categories/cmi5"
MOVEON = "https://w3id.org/xapi/cmi5/context/categories/moveon"
EXTENSIONS = "https://w3id.org/xapi/cmi5/context/extensions/"
SESSION = f"{EXTENSIONS}sessionid"
TIMED = {"terminated", "completed", "passed", "failed", "abandoned"}

Statements = list[dict[str, Any]]


def _verb(statement: dict[str, Any]) -> str:
    return str(statement["verb"]["id"]).rsplit("/", 1)[1]


def _defined(statement: dict[str, Any]) -> bool:
    found = statement["context"].get("contextActivities", {}).get("category", [])
    return CMI5 in [one["id"] for one in found]


@pytest.fixture(scope="module")
def sessions(company: Company) -> list[Statements]:
    found: dict[str, Statements] = defaultdict(list)
    for one in {s["id"]: s for s in company.statements}.values():
        session = one.get("context", {}).get("extensions", {}).get(SESSION)
        if session:
            found[session].append(one)
    assert len(found) > 3000
    return [sorted(s, key=lambda one: one["timestamp"]) for s in found.values()]


def test_no_statement_of_the_sample_breaks_a_rule_of_cmi5(company: Company) -> None:
    assert sum(_defined(one) for one in company.statements if "context" in one) > 9000
    assert [found for one in company.statements for found in review(one)] == []


def test_launched_is_first_and_terminated_last(sessions: list[Statements]) -> None:
    for session in sessions:
        verbs = [_verb(one) for one in session]
        if verbs[0] == "waived":
            assert verbs == ["waived", "satisfied"]
            continue
        assert verbs[:2] == ["launched", "initialized"]
        assert verbs[-1] in ("terminated", "abandoned")
        defined = Counter(_verb(one) for one in session if _defined(one))
        assert max(defined.values()) == 1
        assert not {"passed", "failed"} <= set(defined)


def test_a_session_has_one_actor_by_account_and_one_registration(
    sessions: list[Statements],
) -> None:
    for session in sessions:
        assert all("account" in one["actor"] for one in session)
        assert len({str(one["actor"]) for one in session}) == 1
        assert len({one["context"]["registration"] for one in session}) == 1
        assert all(one["timestamp"].endswith("Z") for one in session)
        aus = {one["object"]["id"] for one in session if _verb(one) != "satisfied"}
        assert len(aus) == 1
        for one in session:
            assert one["context"]["contextActivities"]["grouping"]


def test_results_stand_where_cmi5_wants_them(sessions: list[Statements]) -> None:
    for one in (one for session in sessions for one in session if _defined(one)):
        verb, result = _verb(one), one.get("result", {})
        assert ("score" in result) == (verb in ("passed", "failed"))
        success = {"passed": True, "waived": True, "failed": False}.get(verb)
        assert result.get("success") is success
        assert ("completion" in result) == (verb in ("completed", "waived"))
        assert ("duration" in result) == (verb in TIMED)
        categories = [c["id"] for c in one["context"]["contextActivities"]["category"]]
        judged = "success" in result or "completion" in result
        assert (MOVEON in categories) == judged


def test_launched_says_how_and_scores_keep_the_mastery_score(
    sessions: list[Statements],
) -> None:
    for session in sessions:
        if _verb(session[0]) == "waived":
            continue
        launch = session[0]["context"]["extensions"]
        for name in ("launchmode", "launchurl", "moveon"):
            assert EXTENSIONS + name in launch
        mastery = launch.get(f"{EXTENSIONS}masteryscore")
        for one in session:
            if mastery is not None and _verb(one) in ("passed", "failed"):
                assert (
                    one["context"]["extensions"][f"{EXTENSIONS}masteryscore"] == mastery
                )
                enough = one["result"]["score"]["scaled"] >= mastery
                assert enough == (_verb(one) == "passed")


def test_a_registration_passes_completes_and_is_satisfied_once(
    sessions: list[Statements],
) -> None:
    found: dict[str, Statements] = defaultdict(list)
    for session in sessions:
        found[session[0]["context"]["registration"]] += session
    for statements in found.values():
        statements.sort(key=lambda one: one["timestamp"])
        verbs = [_verb(one) for one in statements]
        for verb in ("passed", "completed", "satisfied", "waived"):
            assert verbs.count(verb) <= 1
        if "passed" in verbs:
            assert "failed" not in verbs[verbs.index("passed") :]
    assert any(
        len([s for s in v if _verb(s) == "launched"]) > 1 for v in found.values()
    )


def test_sessions_of_a_registration_do_not_overlap(sessions: list[Statements]) -> None:
    spans: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for session in sessions:
        key = session[0]["context"]["registration"]
        spans[key].append((session[0]["timestamp"], session[-1]["timestamp"]))
    for found in spans.values():
        found.sort()
        assert all(a[1] < b[0] for a, b in itertools.pairwise(found))
