"""What is no JSON, sent to everything that reads JSON; and what is, kept to the digit.

xAPI-Data 2.1, 2.2; RFC 8259, 7493 (repeated keys). Never a fault, never taken.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from lrs.services import Services
from tests.conftest import Client
from tests.contract.answers import STATEMENTS, Enter, one, page, problem
from tests.contract.bad_json import BAD_TEXTS, BAD_VALUES, KEPT_VALUES
from tests.contract.json_readers import (
    AGENT_READERS,
    DOCUMENT_READERS,
    DOCUMENTS,
    JUDGES,
    MARK,
    STATEMENT_READERS,
    Reader,
)

READERS = STATEMENT_READERS | DOCUMENT_READERS | AGENT_READERS
IN_ADDRESSES = [reader for name, reader in AGENT_READERS.items() if "form" not in name]
LONGEST_ADDRESS = 8000


def made(reader: Reader, name: str) -> bytes:
    """Return the text of that name, for this reader."""
    if name in BAD_VALUES:
        return reader.text(BAD_VALUES[name])
    return BAD_TEXTS[name](reader.text(b'"x"'))


@pytest.fixture(scope="module")
def client(enter: Enter) -> Client:
    """Give a client of a tenant to which nothing but bad input is sent."""
    return enter("bad-json")


def texts(reader: Reader) -> Iterator[tuple[str, str, bytes]]:
    """Yield (name, version, text): each text once, the versions in turn."""
    for at, name in enumerate([*BAD_VALUES, *BAD_TEXTS]):
        text = made(reader, name)
        # A longer address is refused before it is read: see the tests on the wire.
        if reader in IN_ADDRESSES and len(text) > LONGEST_ADDRESS:
            continue
        yield name, reader.versions[at % len(reader.versions)], text


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_what_is_no_json_is_refused(client: Client, reader: Reader) -> None:
    taken = {}
    for name, version, text in texts(reader):
        answer = reader.send(client, text, version)
        if answer.status_code != 400:
            taken[name] = answer.status_code
            continue
        found = problem(answer, 400)
        assert MARK not in answer.text, name
        if reader in STATEMENT_READERS.values() and "violations" in found:
            assert found["violations"][0]["rule"] == "xapi-data:2.1", name
        if "repeated" in name:
            assert "repeats a key" in found["detail"], name
    assert taken == {}


def test_none_of_it_was_stored(client: Client, common: Services) -> None:
    assert page(client) == []
    kept = common.database["documents"].find({"_id.t": "bad-json"})
    # Only what was to be merged into stands there, as it stood before.
    assert {bytes(item["content"]) for item in kept} == {b"{}"}


@pytest.mark.parametrize("reader", JUDGES.values(), ids=JUDGES)
def test_the_validator_says_that_it_is_no_json(client: Client, reader: Reader) -> None:
    for name, version, text in texts(reader):
        if reader is JUDGES["validate, lines"] and b"\n" in text:
            continue  # a line break ends a record there
        answer = reader.send(client, text, version)
        assert MARK not in answer.text, name
        if not text.strip() and reader is not JUDGES["validate, an array"]:
            problem(answer, 400)
            continue
        assert answer.status_code == 200, name
        verdicts = answer.get_json()["statements"]
        broken = [item for item in verdicts if not item["valid"]]
        assert broken, name
        assert broken[0]["violations"][0]["rule"] == "xapi-data:2.1", name


# -- odd, but JSON ------------------------------------------------------------------


def with_id(text: bytes, new: str) -> bytes:
    return b'{"id":"%b",' % new.encode() + text[1:]


@pytest.mark.parametrize("name", KEPT_VALUES)
def test_odd_json_in_a_statement_comes_back_as_it_was_sent(
    shared: Client, name: str
) -> None:
    value = KEPT_VALUES[name]
    for at, (key, reader) in enumerate(STATEMENT_READERS.items()):
        new = str(uuid.uuid4())
        text = with_id(reader.text(value), new)
        version = reader.versions[at % len(reader.versions)]
        stored = reader.send(shared, text, version, new)
        assert stored.status_code in (200, 204), (key, stored.text[:500])
        # Whatever the LRS sets stands behind it.
        assert one(shared, new).data.startswith(text[:-1]), key
    again = reader.send(shared, text, version, new)
    assert again.status_code == 204  # the same, whatever it holds
    for form in ("canonical", "ids"):
        got: Any = shared.get(f"{STATEMENTS}?statementId={new}&format={form}")
        found = json.loads(got.data, parse_float=str, parse_int=str)["result"]
        sent = json.loads(text, parse_float=str, parse_int=str)["result"]
        assert found == sent


@pytest.mark.parametrize("name", KEPT_VALUES)
def test_odd_json_in_a_document_comes_back_as_it_was_sent(
    shared: Client, name: str
) -> None:
    for at, (key, reader) in enumerate(DOCUMENT_READERS.items()):
        new, text = str(uuid.uuid4()), reader.text(KEPT_VALUES[name])
        version = reader.versions[at % len(reader.versions)]
        stored = reader.send(shared, text, version, new)
        assert stored.status_code == 204, (key, stored.text[:500])
        where = next(it for kind, it in DOCUMENTS.items() if f" {kind}" in key)
        got: Any = shared.get(where.replace("NEW", new))
        if "merging" in key:
            assert KEPT_VALUES[name].strip() in got.data
        else:
            assert got.data == text


STRINGS = [name for name, value in KEPT_VALUES.items() if value.startswith(b'"')]


@pytest.mark.parametrize("name", STRINGS)
def test_odd_strings_in_an_agent_are_taken(shared: Client, name: str) -> None:
    for key, reader in AGENT_READERS.items():
        text = reader.text(KEPT_VALUES[name])
        if len(text) > LONGEST_ADDRESS:
            continue
        for version in reader.versions:
            answer = reader.send(shared, text, version)
            missing = "GET State" in key or "GET Agent" in key
            expected = (404,) if missing else (200, 204)
            assert answer.status_code in expected, (key, answer.text[:500])


@pytest.mark.parametrize("name", KEPT_VALUES)
def test_the_validator_finds_nothing_in_odd_json(shared: Client, name: str) -> None:
    for key, reader in JUDGES.items():
        if b"\n" in KEPT_VALUES[name] and "lines" in key:
            continue  # a line break ends a record there
        answer = reader.send(shared, reader.text(KEPT_VALUES[name]), "2.0.0")
        assert answer.status_code == 200
        assert answer.get_json()["totals"]["invalid"] == 0, key
