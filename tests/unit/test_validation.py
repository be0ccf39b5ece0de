"""Validation: a verdict on each record, by the right version, with the sums."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from lrs import records
from lrs.cmi5 import vocabulary
from lrs.validation import MOST_SHOWN, Totals, Verdict, judge
from lrs.xapi.statement import validate
from lrs.xapi.versions import Version
from tests.unit.xapi.samples import ID, OTHER_ID, a_full_statement, a_statement

LAST_OF_2 = a_full_statement()  # has contextAgents, which 1.0.3 does not know
WRONG = a_statement(actor={"mbox": "anna"}, verb={"id": "passed"})


def verdicts(*statements: Any, **given: Any) -> list[Verdict]:
    lines = [
        item if isinstance(item, bytes) else json.dumps(item).encode()
        for item in statements
    ]
    return list(judge(records.lines(io.BytesIO(b"\n".join(lines))), **given))


def paths(verdict: Verdict) -> list[str]:
    return [item.path for item in verdict.violations]


def test_a_verdict_is_that_of_validate_with_the_place_of_the_statement() -> None:
    found = verdicts(a_statement(id=ID), b"", WRONG)
    assert found == [
        Verdict(1, 1, ID, Version.V1_0_3, []),
        Verdict(2, 3, None, Version.V1_0_3, validate(WRONG, Version.V1_0_3)),
    ]
    assert [item.valid for item in found] == [True, False]
    assert paths(found[1]) == ["actor.mbox", "verb.id"]


@pytest.mark.parametrize(
    ("own", "given", "judged_by"),
    [
        (None, None, "1.0.3"),
        ("1.0", None, "1.0.3"),
        ("1.0.1", None, "1.0.3"),
        ("2.0.0", None, "2.0.0"),
        ("2.0.1", None, "2.0.0"),
        ("3.0.0", None, "1.0.3"),
        (7, None, "1.0.3"),
        ("1.0.0", Version.V2_0_0, "2.0.0"),
        ("2.0.0", Version.V1_0_3, "1.0.3"),
        (None, Version.V2_0_0, "2.0.0"),
    ],
)
def test_a_statement_is_judged_by_the_version_given_else_by_its_own(
    own: object, given: Version | None, judged_by: str
) -> None:
    statement = a_statement() if own is None else a_statement(version=own)
    found = verdicts(statement, version=given)[0]
    assert found.version == judged_by
    expected = validate(statement, Version(judged_by))
    assert list(found.violations) == expected


def test_each_statement_of_a_file_has_its_own_version() -> None:
    first, second = verdicts(LAST_OF_2, {**LAST_OF_2, "version": "1.0.3"})
    assert first.valid
    assert second.version == Version.V1_0_3
    assert "context" in paths(second)


def test_what_is_no_json_is_a_verdict_and_spoils_no_other() -> None:
    broken = b'{"actor":1,}'
    found = verdicts(a_statement(), broken, a_statement(), b"\xff", b"[]", b"null")
    assert [item.valid for item in found] == [True, False, True, False, False, False]
    told = found[1].violations[0]
    assert (told.path, told.rule) == ("", "xapi-data:2.1")
    assert told.message.endswith("(line 2, column 12).")
    assert found[1].version is None
    assert [item.violations[0].message for item in found[4:]] == [
        "A Statement must be an object.",
        "Null is allowed inside extensions only.",
    ]


def test_where_an_array_breaks_off_the_last_verdict_says_so() -> None:
    whole = json.dumps([a_statement(id=ID), WRONG], indent=1).encode()[:-9]
    found = list(judge(records.array(io.BytesIO(whole))))
    assert [item.position for item in found] == [1, 2]
    assert found[0].valid
    assert "breaks off" in found[1].violations[0].message
    assert found[1].line == whole.count(b"\n") + 1


@pytest.mark.parametrize("given", ["fd41", 7, None, {}])
def test_an_id_that_is_none_is_not_told(given: object) -> None:
    found = verdicts(a_statement(id=given))[0]
    assert found.statement_id is None
    assert paths(found) == ["id"]


def test_an_id_that_stood_before_is_told_where_ids_stand_once() -> None:
    same = [a_statement(id=ID), a_statement(id=OTHER_ID), a_statement(id=ID.upper())]
    assert all(item.valid for item in verdicts(*same))
    found = verdicts(*same, ids_once=True)
    assert [item.valid for item in found] == [True, True, False]
    assert paths(found[2]) == ["id"]
    assert "position 1" in found[2].violations[0].message


def defined(**changes: Any) -> dict[str, Any]:
    """Return a Statement that cmi5 defines, without what cmi5 asks of it."""
    category = {"category": [{"id": vocabulary.DEFINED}]}
    return a_statement(context={"contextActivities": category}, **changes)


def test_cmi5_is_asked_for_what_is_valid_xapi_and_only_when_wanted() -> None:
    wrong = defined(verb={"id": "relative"})
    assert [item.valid for item in verdicts(defined(), wrong)] == [True, False]
    first, second, third = verdicts(defined(), wrong, a_statement(), cmi5=True)
    assert {item.rule.split(":")[0] for item in first.violations} == {"cmi5"}
    assert paths(second) == ["verb.id"]
    assert third.valid


def test_the_sums_count_statements_violations_and_rules() -> None:
    totals = Totals()
    for verdict in verdicts(a_statement(), WRONG, WRONG, b"{", a_statement(x=1, y=1)):
        totals.add(verdict)
    assert totals.as_dict() == {
        "statements": 5,
        "valid": 1,
        "invalid": 4,
        "violations": 7,
    }
    assert totals.by_rule() == [
        {"rule": "xapi-data:2.2", "violations": 2, "statements": 1},
        {"rule": "xapi-data:2.4.2.3", "violations": 2, "statements": 2},
        {"rule": "xapi-data:2.4.3", "violations": 2, "statements": 2},
        {"rule": "xapi-data:2.1", "violations": 1, "statements": 1},
    ]


def test_of_very_many_violations_the_first_are_shown_and_all_are_counted() -> None:
    many = a_statement(**{f"x{number}": 1 for number in range(MOST_SHOWN + 5)})
    shape = verdicts(many)[0].as_dict()
    assert len(shape["violations"]) == MOST_SHOWN
    assert shape["violations_total"] == MOST_SHOWN + 5
    assert verdicts(many)[0].as_dict(3)["violations"] == shape["violations"][:3]
