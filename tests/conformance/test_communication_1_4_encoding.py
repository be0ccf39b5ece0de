"""xAPI-Communication 1.4: all strings are UTF-8. XAPI-00015."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conformance.caller import Lrs, refused
from tests.conformance.full_statement import a_statement, something

TEXTS = [
    "äöü ß",
    "ελληνικά",
    "русский",
    "日本語",
    "עברית",
    "\U0001f600\U0001d11e",
    "\u0000",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("escaped", [True, False])
def test_text_of_any_script_comes_back(lrs: Lrs, text: str, escaped: bool) -> None:
    """XAPI-00015: escaped in JSON or not."""
    statement = a_statement(
        verb={"id": "x:y", "display": {"en": text}}, result={"response": text}
    )
    body = json.dumps(statement, ensure_ascii=escaped or text < " ").encode()
    assert lrs.ask("POST", "statements", body).status_code == 200
    read = lrs.read(statement["id"])
    assert read["result"]["response"] == text
    assert read["verb"]["display"]["en"] == text


@pytest.mark.parametrize("text", TEXTS[:-1])
def test_parameters_are_utf_8(lrs: Lrs, text: str) -> None:
    """XAPI-00015."""
    text = text.replace(" ", "_")
    activity = f"{something()}/{text}"
    who: dict[str, Any] = {"account": {"homePage": "http://x.y", "name": activity}}
    ids = lrs.store(a_statement(object={"id": activity}, actor=who))
    assert lrs.find_ids(activity=activity) == ids
    assert lrs.find_ids(agent=who) == ids


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80"])
def test_what_is_not_utf_8_is_refused(lrs: Lrs, bad: bytes) -> None:
    body = json.dumps(a_statement(result={"response": "HERE"})).encode()
    refused(lrs.ask("POST", "statements", body.replace(b"HERE", bad)), 400)


@pytest.mark.parametrize("coding", ["utf-16", "utf-32", "latin-1"])
def test_another_charset_is_refused(lrs: Lrs, coding: str) -> None:
    body = json.dumps(a_statement(result={"response": "ä"}), ensure_ascii=False)
    refused(lrs.ask("POST", "statements", body.encode(coding)), 400)


def test_the_answer_is_utf_8(lrs: Lrs) -> None:
    [found] = lrs.store(a_statement(result={"response": "日本語"}))
    answer = lrs.ask("GET", "statements", statementId=found)
    assert json.loads(answer.data.decode())["result"]["response"] == "日本語"
