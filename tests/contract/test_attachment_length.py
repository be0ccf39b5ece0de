"""The declared length of an attachment is that of the content that comes (2.4.11)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.builders import a_statement
from tests.conftest import Client
from tests.contract.answers import STATEMENTS, problem

CONTENT = b"\xffa certificate"


def send(client: Client, content: bytes, length: object, version: str) -> Any:
    sha2 = hashlib.sha256(content).hexdigest()
    statement = a_statement(
        attachments=[
            {
                "usageType": "https://example.com/usage",
                "display": {"en": "A certificate"},
                "contentType": "application/octet-stream",
                "length": length,
                "sha2": sha2,
            }
        ]
    )
    body = b"".join(
        (
            b"--b\r\nContent-Type: application/json\r\n\r\n",
            json.dumps(statement).encode(),
            b"\r\n--b\r\nContent-Type: application/octet-stream\r\n"
            b"Content-Transfer-Encoding: binary\r\nX-Experience-API-Hash: ",
            sha2.encode(),
            b"\r\n\r\n",
            content,
            b"\r\n--b--\r\n",
        )
    )
    return client.post(
        STATEMENTS,
        data=body,
        content_type="multipart/mixed; boundary=b",
        headers={"X-Experience-API-Version": version},
    )


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
@pytest.mark.parametrize(
    ("content", "length"),
    [
        (CONTENT, 0),
        (CONTENT, len(CONTENT) - 1),
        (CONTENT, len(CONTENT) + 1),
        (CONTENT, 10**30),
        (CONTENT * 2, len(CONTENT)),
        (CONTENT.hex().encode(), len(CONTENT) + 1),
        (b"", 1),
    ],
)
def test_content_of_another_length_is_refused(
    shared: Client, content: bytes, length: int, version: str
) -> None:
    found = problem(send(shared, content, length, version), 400)["violations"]
    assert [item["path"] for item in found] == ["attachments[0].length"]


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
@pytest.mark.parametrize(
    ("content", "length"),
    [
        (CONTENT, len(CONTENT)),
        (CONTENT, float(len(CONTENT))),
        (b"", 0),
        # Octets as digits: the length may be that of either.
        (CONTENT.hex().encode(), len(CONTENT)),
        (CONTENT.hex().upper().encode(), 2 * len(CONTENT)),
    ],
)
def test_content_of_its_length_is_taken(
    shared: Client, content: bytes, length: float, version: str
) -> None:
    assert send(shared, content, length, version).status_code == 200
