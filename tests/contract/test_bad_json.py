"""What is no JSON, sent to everything that reads JSON; and what is, kept to the digit.

xAPI-Data 2.1, 2.2; RFC 8259, 7493 (repeated keys). Never a fault, never taken.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from lrs.services import Services
from tests.conftest import Client
from tests.contract.answers import STATEMENTS, Enter, one, page, problem
from tests.contract.bad_json import BAD_TEXTS, BAD_VALUES, KEPT_VALUES
from tests.contract.json_readers import (
    AGENT_READERS,
    DOCUMENT_READERS,
    JUDGES,
    MARK,
    STATEMENT_READERS,
    Reader,
)

READERS = STATEMENT_READERS | DOCUMENT_READERS | AGENT_READERS
BAD = [*BAD_VALUES, *BAD_TEXTS]
# A line break ends a line of NDJSON, and space alone is no line.
NOT_OF_LINES = ("a line feed in a string", "nothing", "white space")


def made(reader: Reader, name: str) -> bytes:
    """Return the text of that name, for this reader."""
    if name in BAD_VALUES:
        return reader.text(BAD_VALUES[name])
    return BAD_TEXTS[name](reader.text(b'"x"'))


@pytest.fixture(scope="module")
def client(enter: Enter) -> Client:
    """Give a client of a tenant to which nothing but bad input is sent."""
    return enter("bad-json")


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize("name", BAD)
def test_what_is_no_json_is_refused(client: Client, reader: Reader, name: str) -> None:
    for version in reader.versions:
        answer = reader.send(client, made(reader, name), version)
        found = problem(answer, 400)
        assert MARK not in answer.get_data(as_text=True)
        if reader in STATEMENT_READERS.values() and "violations" in found:
            assert found["violations"][0]["rule"] == "xapi-data:2.1"


def test_none_of_it_was_stored(client: Client, common: Services) -> None:
    assert page(client) == []
    content = common.database["documents"].find({"_id.t": "bad-json"})
    # Only what was to be merged into stands there, as it stood before.
    assert {bytes(item["content"]) for item in content} <= {b"{}"}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_a_repeated_key_is_named_as_the_reason(client: Client, reader: Reader) -> None:
    for name in BAD:
        if "repeated" in name and reader is not STATEMENT_READERS.get(name):
            answer = reader.send(client, made(reader, name), "1.0.3")
            assert "repeats a key" in problem(answer, 400)["detail"], name


@pytest.mark.parametrize("reader", JUDGES.values(), ids=JUDGES)
@pytest.mark.parametrize("name", BAD)
def test_the_validator_says_that_it_is_no_json(
    client: Client, reader: Reader, name: str
) -> None:
    if reader is JUDGES["validate, lines"] and name in NOT_OF_LINES:
        return
    for version in reader.versions:
        answer = reader.send(client, made(reader, name), version)
        assert MARK not in answer.get_data(as_text=True)
        if answer.status_code == 400:
            assert name in ("nothing", "white space")
            problem(answer, 400)
            continue
        assert answer.status_code == 200
        verdicts = answer.get_json()["statements"]
        broken = [item for item in verdicts if not item["valid"]]
        assert broken
        assert broken[0]["violations"][0]["rule"] == "xapi-data:2.1"


# -- odd, but JSON ------------------------------------------------------------------


@pytest.mark.parametrize("name", KEPT_VALUES)
def test_odd_json_in_a_statement_comes_back_as_it_was_sent(
    shared: Client, name: str
) -> None:
    for key, reader in STATEMENT_READERS.items():
        for version in reader.versions:
            made = str(uuid.uuid4())
            text = reader.text(KEPT_VALUES[name])
            if not key.startswith("PUT"):
                text = b'{"id":"%b",' % made.encode() + text[1:]
                stored = reader.send(shared, text, version)
                assert stored.status_code == 200, (key, stored.get_data(as_text=True))
            else:
                continue  # the id is chosen by the reader: see below
            found = one(shared, made).data
            assert found.startswith(text[:-1]), key
            for form in ("ids", "canonical"):
                answer: Any = shared.get(
                    f"{STATEMENTS}?statementId={made}&format={form}"
                )
                assert KEPT_VALUES[name] in answer.data or form == "ids"
