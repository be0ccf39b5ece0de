"""Bodies that are too large, too many, or packed so that they are none.

RFC 9110 8.4, 15.5.14, 15.5.16. Sent to everything that reads a body; nothing of it is
stored, and the answer tells the setting that can be changed.
"""

from __future__ import annotations

import gzip
import zlib
from typing import Any

import pytest

from tests.conftest import Client
from tests.contract.answers import STATEMENTS, Enter, one, page, problem
from tests.contract.document_requests import JSON
from tests.contract.json_readers import (
    DOCUMENT_READERS,
    JUDGES,
    MARK,
    STATEMENT_READERS,
    Reader,
    a_statement,
    headers,
)

MIB = 1 << 20
LARGE = 50 * MIB
READERS = {
    name: reader
    for name, reader in (STATEMENT_READERS | DOCUMENT_READERS | JUDGES).items()
    if "deflate" not in name and "merging" not in name
}
# Those that can say by a header how their body is packed.
DIRECT = {
    name: reader
    for name, reader in READERS.items()
    if not any(word in name for word in ("form", "gzip", "parts", "array"))
}


@pytest.fixture(scope="module")
def client(enter: Enter) -> Client:
    """Give a client of a tenant to which nothing but bad bodies are sent."""
    return enter("bad-bodies")


def coded(client: Client, reader: Reader, body: bytes, coding: str) -> Any:
    """Send a body with this Content-Encoding."""
    packed = Packed(client, coding)
    return reader.send(packed, body, "1.0.3")  # type: ignore[arg-type]


class Packed:
    """A client that adds the header to whatever is sent."""

    def __init__(self, client: Client, coding: str) -> None:
        self._client = client
        self._coding = coding

    def __getattr__(self, method: str) -> Any:
        def send(path: str, **given: Any) -> Any:
            given["headers"] = given["headers"] | {"Content-Encoding": self._coding}
            return getattr(self._client, method)(path, **given)

        return send


# -- too large ------------------------------------------------------------------------


@pytest.mark.parametrize("name", READERS)
def test_a_body_of_50_megabytes_is_too_large(client: Client, name: str) -> None:
    answer = READERS[name].send(client, b"9" * LARGE, "1.0.3")
    assert "LRS_MAX_" in problem(answer, 413)["detail"]


@pytest.fixture(scope="module")
def bombs() -> dict[str, bytes]:
    """Give 50 MB in three packings."""
    made = {}
    for coding, wbits in (("gzip", 31), ("deflate", 15), ("bare deflate", -15)):
        packer = zlib.compressobj(9, wbits=wbits)
        made[coding] = packer.compress(b"[" * LARGE) + packer.flush()
    return made


@pytest.mark.parametrize("name", DIRECT)
def test_a_bomb_is_stopped_at_the_limit(
    client: Client, name: str, bombs: dict[str, bytes]
) -> None:
    for coding, bomb in bombs.items():
        assert len(bomb) < LARGE / 500
        answer = coded(client, DIRECT[name], bomb, coding.removeprefix("bare "))
        assert "LRS_MAX_" in problem(answer, 413)["detail"], coding


# -- too many -------------------------------------------------------------------------

ELEMENTS = {
    "Statements": a_statement(b"1"),
    "empty objects": b"{}",
    "numbers": b"1",
    "nulls with space around": b" null ",
    "empty arrays": b"[]",
}


@pytest.mark.parametrize("element", ELEMENTS.values(), ids=ELEMENTS)
def test_a_batch_of_100_000_is_too_large(client: Client, element: bytes) -> None:
    batch = b"[" + b",".join([element] * 100_000) + b"]"
    for name in ("POST statements", "POST statements, gzip", "validate"):
        answer = READERS[name].send(client, batch, "1.0.3")
        assert "LRS_MAX_STATEMENTS" in problem(answer, 413)["detail"], name
    part = READERS["POST statements, in parts"].send(client, batch, "2.0.0")
    assert "LRS_MAX_STATEMENTS" in problem(part, 413)["detail"]
    lines = b"\n".join([element] * 100_000)
    answer = READERS["validate, lines"].send(client, lines, "1.0.3")
    assert "LRS_MAX_STATEMENTS" in problem(answer, 413)["detail"]


@pytest.mark.parametrize("end", [b"1]", b"1", b"}]", b'"'])
def test_an_array_of_millions_is_refused_whatever_its_end(
    client: Client, end: bytes
) -> None:
    array = b"[" + b"1," * (10 * MIB) + end
    answer = READERS["POST statements"].send(client, array, "1.0.3")
    assert "LRS_MAX_STATEMENTS" in problem(answer, 413)["detail"]


def test_commas_in_a_statement_are_no_statements(shared: Client) -> None:
    text = a_statement(b'"' + b"," * 2_000_000 + b'"')
    batch = b"[" + text + b"]"
    answer: Any = shared.post(STATEMENTS, data=batch, content_type=JSON)
    assert answer.status_code == 200
    assert text[:-1] in one(shared, answer.json[0]).data


# -- packed ---------------------------------------------------------------------------

TEXT = {name: reader.text(b'"x"') for name, reader in DIRECT.items()}
BROKEN = {
    "gzip that is none": ("gzip", lambda text: text),
    "gzip, empty": ("gzip", lambda _: b""),
    "gzip, cut off": ("gzip", lambda text: gzip.compress(text)[:-9]),
    "gzip without its check": ("gzip", lambda text: gzip.compress(text)[:-8]),
    "gzip with a wrong check": (
        "gzip",
        lambda text: gzip.compress(text)[:-8] + b"\x00" * 8,
    ),
    "gzip with a wrong length": (
        "gzip",
        lambda text: gzip.compress(text)[:-4] + b"\xff" * 4,
    ),
    "gzip with more behind": ("gzip", lambda text: gzip.compress(text) + b"{}"),
    "gzip of another method": ("gzip", lambda text: b"\x1f\x8b\x07" + text),
    "deflate that is none": ("deflate", lambda text: text),
    "deflate, empty": ("deflate", lambda _: b""),
    "deflate, one byte": ("deflate", lambda _: b"\x78"),
    "deflate, cut off": ("deflate", lambda text: zlib.compress(text)[:-5]),
    "deflate with a wrong check": (
        "deflate",
        lambda text: zlib.compress(text)[:-4] + b"\x00" * 4,
    ),
    "deflate with a dictionary": ("deflate", lambda text: b"\x78\xbb" + text),
    "deflate called gzip": ("gzip", zlib.compress),
    "gzip called deflate": ("deflate", gzip.compress),
}


@pytest.mark.parametrize("name", DIRECT)
def test_a_broken_packing_is_refused(client: Client, name: str) -> None:
    taken = {}
    for case, (coding, pack) in BROKEN.items():
        answer = coded(client, DIRECT[name], pack(TEXT[name]), coding)
        if answer.status_code != 400:
            taken[case] = answer.status_code
        else:
            problem(answer, 400)
            assert MARK not in answer.text
    assert taken == {}


UNKNOWN = (
    *("br", "zstd", "compress", "x-compress", "aes128gcm", "exi", "*", "gzip;q=1"),
    *("gzip, gzip", "gzip,deflate", "deflate, gzip", "identity, gzip", "gzip,", ","),
    *("none", "utf-8", "gzip gzip", '"gzip"', "\xe9", "a" * 5000),
)


@pytest.mark.parametrize("name", DIRECT)
def test_another_packing_is_refused_as_such(client: Client, name: str) -> None:
    for coding in UNKNOWN:
        answer = coded(client, DIRECT[name], TEXT[name], coding)
        problem(answer, 415)
        assert answer.headers["Accept-Encoding"] == "gzip, deflate"


@pytest.mark.parametrize("name", DIRECT)
def test_a_packing_inside_a_packing_is_not_undone(client: Client, name: str) -> None:
    twice = gzip.compress(gzip.compress(TEXT[name]))
    answer = coded(client, DIRECT[name], twice, "gzip")
    if "validate" in name:
        assert answer.get_json()["totals"]["valid"] == 0
    else:
        problem(answer, 400)


GOOD = {
    "identity": lambda text: text,
    "IDENTITY": lambda text: text,
    "": lambda text: text,
    "GZip": gzip.compress,
    "x-gzip": gzip.compress,
    " gzip ": gzip.compress,
    "Deflate": zlib.compress,
    "deflate": lambda text: zlib.compress(text, wbits=-15),
}


@pytest.mark.parametrize("name", DIRECT)
@pytest.mark.parametrize("coding", GOOD)
def test_a_packing_in_any_letter_case_is_undone(
    shared: Client, name: str, coding: str
) -> None:
    answer = coded(shared, DIRECT[name], GOOD[coding](TEXT[name]), coding)
    assert answer.status_code in (200, 204), answer.text


def test_nothing_of_all_this_was_stored(client: Client) -> None:
    assert page(client) == []
    empty: Any = client.get(
        "/xapi/activities/profile?activityId=https://courses.example.com/fire-safety",
        headers=headers("1.0.3"),
    )
    assert empty.json == []
