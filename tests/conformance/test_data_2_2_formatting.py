"""xAPI-Data 2.1, 2.2: what JSON is taken, and how numbers and parameters are read.

The walk of ``test_data_2_2_structure`` does the properties. Here: the body as a whole,
precision (XAPI-00002), JSON (XAPI-00014), IRIs without a scheme (XAPI-00011), values of
parameters (XAPI-00012), language tags (XAPI-00013), and one row over HTTP for each of
XAPI-00001 and XAPI-00003 to XAPI-00010.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from tests.conformance.caller import JSON, Lrs, refused, told
from tests.conformance.full_statement import (
    a_context,
    a_result,
    a_statement,
    a_substatement,
    an_activity,
    an_attachment,
    something,
)

OK, REFUSED = 200, 400
NO_SCHEME = "lessons.example.org/no-scheme"


def _result(**changes: Any) -> dict[str, Any]:
    return a_statement(result=a_result() | changes)


def _definition(**changes: Any) -> dict[str, Any]:
    activity = an_activity()
    activity["definition"] |= changes
    return a_statement(object=activity)


# The number of the requirement and what: (Statement, status).
IDS = {
    "00007 empty id": (a_statement(id=""), REFUSED),
    "00007 id of 37 signs": (a_statement(id=f"{uuid.uuid4()}8"), REFUSED),
    "00007 id with a letter beyond f": (
        a_statement(id="z" + str(uuid.uuid4())[1:]),
        REFUSED,
    ),
}
ROWS = {
    "00003 no actor": (a_statement(actor=None), REFUSED),
    "00004 no verb": (a_statement(verb=None), REFUSED),
    "00005 no object": (a_statement(object=None), REFUSED),
    "00001 null name": (a_statement(actor={"mbox": "mailto:a@b.c", "name": None}), 400),
    "00001 null in a language map": (
        a_statement(verb={"id": "x:y", "display": {"en": None}}),
        REFUSED,
    ),
    "00001 null registration": (a_statement(context={"registration": None}), REFUSED),
    "00001 null moreInfo": (_definition(moreInfo=None), REFUSED),
    "00001 null in extensions": (_definition(extensions={"x:y": None}), OK),
    "00001 null in extensions of a result": (_result(extensions={"x:y": None}), OK),
    "00001 null in extensions of a context": (
        a_statement(context={"extensions": {"x:y": None}}),
        OK,
    ),
    "00001 null for extensions": (_result(extensions=None), REFUSED),
    "00006 text for a number": (_result(score={"max": "one hundred"}), REFUSED),
    "00006 digits for a number": (_result(score={"max": "100"}), REFUSED),
    "00006 text for a boolean": (_result(success="yes"), REFUSED),
    "00006 a boolean in quotes": (_result(completion="false"), REFUSED),
    "00006 a boolean for a number": (_result(score={"raw": True}), REFUSED),
    "00006 a number for a boolean": (_result(success=1), REFUSED),
    "00007 mbox without mailto": (
        a_statement(actor={"mbox": "a@example.org"}),
        REFUSED,
    ),
    "00008 Actor": (a_statement(actor=None, Actor={"mbox": "mailto:a@b.c"}), REFUSED),
    "00010 Verb beside verb": (a_statement(Verb={"id": "x:y"}), REFUSED),
    "00010 TimeStamp": (a_statement(timeStamp="2024-01-01T00:00:00Z"), REFUSED),
    "00009 true-False": (
        _definition(interactionType="true-False"),
        REFUSED,
    ),
    "00009 agent": (
        a_statement(actor={"objectType": "agent", "mbox": "mailto:a@b.c"}),
        REFUSED,
    ),
    "00011 verb id": (a_statement(verb={"id": NO_SCHEME}), REFUSED),
    "00011 openid": (a_statement(actor={"openid": NO_SCHEME}), REFUSED),
    "00011 homePage": (
        a_statement(actor={"account": {"homePage": NO_SCHEME, "name": "x"}}),
        REFUSED,
    ),
    "00011 object id": (a_statement(object={"id": NO_SCHEME}), REFUSED),
    "00011 type": (_definition(type=NO_SCHEME), REFUSED),
    "00011 moreInfo": (_definition(moreInfo=NO_SCHEME), REFUSED),
    "00011 extension of a definition": (_definition(extensions={NO_SCHEME: 1}), 400),
    "00011 extension of a result": (_result(extensions={NO_SCHEME: 1}), REFUSED),
    "00011 extension of a context": (
        a_statement(context={"extensions": {NO_SCHEME: 1}}),
        REFUSED,
    ),
    "00011 usageType": (
        a_statement(attachments=[an_attachment() | {"usageType": NO_SCHEME}]),
        REFUSED,
    ),
    "00011 fileUrl": (
        a_statement(attachments=[an_attachment() | {"fileUrl": NO_SCHEME}]),
        REFUSED,
    ),
    "an unknown property": (a_statement(dummy="dummy"), REFUSED),
}


@pytest.mark.parametrize(
    ("statement", "status"), (IDS | ROWS).values(), ids=(IDS | ROWS).keys()
)
def test_a_statement_is_taken_or_refused(
    lrs: Lrs, statement: dict[str, Any], status: int
) -> None:
    fresh = statement | ({"id": str(uuid.uuid4())} if status == OK else {})
    lrs.takes(fresh, status)


@pytest.mark.parametrize(("statement", "status"), ROWS.values(), ids=ROWS.keys())
def test_the_same_holds_inside_a_substatement(
    lrs: Lrs, statement: dict[str, Any], status: int
) -> None:
    inner = {name: value for name, value in statement.items() if name != "id"}
    lrs.takes(a_statement(object={"objectType": "SubStatement", **inner}), status)


TAGS = {"de": OK, "de-DE": OK, "zh-Hant": OK, "sr-Latn-RS": OK, "cmn": OK, "es-419": OK}
TAGS |= dict.fromkeys(("something", "a12345678", "e", "de_DE", "", "de-"), REFUSED)


@pytest.mark.parametrize(("tag", "status"), TAGS.items())
@pytest.mark.parametrize(
    "place",
    ["display", "name", "description", "component", "attachment", "photo", "language"],
)
def test_a_language_tag_is_one_of_rfc_5646(
    lrs: Lrs, place: str, tag: str, status: int
) -> None:
    """XAPI-00013, XAPI-00121."""
    said = {tag: "x"}
    statement = {
        "display": a_statement(verb={"id": "x:y", "display": said}),
        "name": _definition(name=said),
        "description": _definition(description=said),
        "component": _definition(choices=[{"id": "a", "description": said}]),
        "attachment": a_statement(attachments=[an_attachment() | {"display": said}]),
        "photo": a_statement(attachments=[an_attachment() | {"description": said}]),
        "language": a_statement(context={"language": tag}),
    }[place]
    lrs.takes(statement, status)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"text",
        b"null",
        b"1",
        b'"text"',
        b"{'actor': 1}",
        b"{}",
        b'{"id": NaN}',
        b"[[]]",
        b"[null]",
        json.dumps(a_statement()).encode()[:-1],
        json.dumps(a_statement()).encode()[:-1] + b",}",
        json.dumps(a_statement()).encode()[:-1] + b',"actor":{"mbox":"mailto:b@c.d"}}',
        b"\xef\xbb\xbf" + json.dumps(a_statement()).encode(),
    ],
    ids=lambda body: repr(body[:20]) + repr(body[-12:]),
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_what_is_no_json_or_no_statement_is_refused(
    lrs: Lrs, method: str, body: bytes
) -> None:
    """XAPI-00014."""
    given = {"statementId": str(uuid.uuid4())} if method == "PUT" else {}
    refused(lrs.ask(method, "statements", body, **given), 400)


@pytest.mark.parametrize(
    "number",
    [
        *("1.10", "3.4028235e38", "1.1754944e-38", "0.1234567", "16777217", "1E400"),
        *("-0.0", "9007199254740993", "12345678901234567890123", "3.14159265358979324"),
    ],
)
def test_a_number_is_kept_with_all_its_digits(lrs: Lrs, number: str) -> None:
    """XAPI-00002: at least IEEE 754 single precision; ours keeps the text itself."""
    statement = _result(extensions={"x:y": "HERE"}, score={"raw": "HERE"})
    text = json.dumps(statement).replace('"HERE"', number)
    assert lrs.ask("POST", "statements", text.encode()).status_code == 200
    answer = lrs.ask("GET", "statements", statementId=statement["id"])
    assert answer.get_data(as_text=True).count(number) == 2


PARAMETERS = {
    "no UUID": {"statementId": "1"},
    "number as UUID": {"voidedStatementId": "12345"},
    "UUID with one digit more": {"statementId": f"{uuid.uuid4()}0"},
    "registration": {"registration": "no uuid"},
    "verb": {"verb": "no scheme"},
    "activity": {"activity": NO_SCHEME},
    "agent as text": {"agent": "lena"},
    "agent without IFI": {"agent": {"name": "Lena"}},
    "agent with two": {"agent": {"mbox": "mailto:a@b.c", "openid": "x:y"}},
    "agent with a wrong mbox": {"agent": {"mbox": "a@b.c"}},
    "since": {"since": "yesterday"},
    "until": {"until": "2024-13-01T00:00:00Z"},
    "limit as text": {"limit": "many"},
    "negative limit": {"limit": "-1"},
    "half a limit": {"limit": "1.5"},
    "format": {"format": "IDS"},
    "ascending": {"ascending": "yes"},
    "attachments": {"attachments": "1"},
    "related_agents": {"related_agents": "TRUE "},
    "related_activities": {"related_activities": ""},
}


@pytest.mark.parametrize("parameters", PARAMETERS.values(), ids=PARAMETERS.keys())
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_parameter_is_judged_like_a_property_of_its_type(
    lrs: Lrs, method: str, parameters: dict[str, Any]
) -> None:
    """XAPI-00012."""
    answer = lrs.ask(method, "statements", **parameters)
    assert answer.status_code == 400, told(answer)


@pytest.mark.parametrize("property_", ["revision", "platform", "contextAgents"])
def test_a_property_of_another_place_or_version_is_unknown(
    lrs: Lrs, property_: str
) -> None:
    """2.0 refuses additional properties as 1.0.3 does; 1.0.3 knows no contextAgents."""
    context = a_context("2.0.0", 0, activity=True)
    statement = a_statement(object=a_substatement(**{property_: context[property_]}))
    lrs.takes(statement, 400)
    known = property_ != "contextAgents" or lrs.version == "2.0.0"
    inside = a_statement(context={property_: context[property_]})
    lrs.takes(inside, 200 if known else 400)


def test_strings_are_kept_letter_by_letter(lrs: Lrs) -> None:
    """Nothing is trimmed, composed or re-encoded."""
    text = ' e\u0301 \u00e9 \U0001f9ee \u200b\t\n "\\/\u2028 '
    statement = a_statement(
        result={"response": text}, object={"id": something() + "/\u00e9/e\u0301/%41"}
    )
    lrs.store(statement)
    read = lrs.read(statement["id"])
    assert read["result"]["response"] == text
    assert read["object"] == statement["object"]


def test_the_answer_is_json(lrs: Lrs) -> None:
    lrs.store(a_statement())
    answer = lrs.ask("GET", "statements", limit="1")
    assert answer.headers["Content-Type"] == JSON
    json.loads(answer.data)
