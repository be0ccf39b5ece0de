"""Builds multipart/mixed requests with attachments, and takes answers apart."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from tests.builders import a_statement

BOUNDARY = "-------314159265358979323846"
USAGE = "http://usage.example.com/certificate"
Header = tuple[str, str]
Part = tuple[list[Header], bytes]


def an_attachment(content: bytes, **properties: Any) -> dict[str, Any]:
    """Declare content; ``properties`` are added or replace, None removes."""
    made: dict[str, Any] = {
        "usageType": USAGE,
        "display": {"en": "A certificate"},
        "contentType": "text/plain",
        "length": len(content),
        "sha2": hashlib.sha256(content).hexdigest(),
    }
    made |= properties
    return {name: value for name, value in made.items() if value is not None}


def with_attachments(*attachments: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """A Statement that declares these."""
    return a_statement(attachments=list(attachments), **properties)


def statements_part(*statements: Any) -> Part:
    """The first part: one Statement alone as an object, several as an array."""
    body = statements[0] if len(statements) == 1 else list(statements)
    return [("Content-Type", "application/json")], json.dumps(body).encode()


def content_part(content: bytes, **headers: str | None) -> Part:
    """A part with content; ``headers`` by their names in snake case, None removes."""
    made: dict[str, str | None] = {
        "Content-Type": "text/plain",
        "Content-Transfer-Encoding": "binary",
        "X-Experience-API-Hash": hashlib.sha256(content).hexdigest(),
    }
    names = {name.lower().replace("-", "_"): name for name in made}
    for name, value in headers.items():
        made[names.get(name, name.replace("_", "-"))] = value
    return [(name, value) for name, value in made.items() if value is not None], content


def body_of(*parts: Part, boundary: str = BOUNDARY, colon: str = ": ") -> bytes:
    """The parts as one body."""
    made = b""
    for headers, content in parts:
        lines = [f"--{boundary}", *(f"{name}{colon}{value}" for name, value in headers)]
        made += "\r\n".join([*lines, "", ""]).encode() + content + b"\r\n"
    return made + f"--{boundary}--\r\n".encode()


def content_type(boundary: str = BOUNDARY) -> str:
    return f'multipart/mixed; boundary="{boundary}"'


def parts_of(kind: str, body: bytes) -> list[tuple[dict[str, str], bytes]]:
    """Take an answer apart by its Content-Lengths; its first part is what is left."""
    assert kind.startswith("multipart/mixed; boundary=")
    mark = b"--" + kind.partition("boundary=")[2].encode()
    assert body.startswith(mark + b"\r\n")
    assert body.endswith(b"\r\n" + mark + b"--\r\n")
    found = []
    rest = body[len(mark) + 2 :]
    while rest != b"--\r\n":
        head, _, rest = rest.partition(b"\r\n\r\n")
        lines = [line.partition(b": ") for line in head.split(b"\r\n")]
        headers = {name.decode(): value.decode() for name, _, value in lines}
        length = int(headers.get("Content-Length", rest.find(b"\r\n" + mark)))
        found.append((headers, rest[:length]))
        assert rest[length:].startswith(b"\r\n" + mark)
        rest = rest[length + 2 + len(mark) :].removeprefix(b"\r\n")
    return found
