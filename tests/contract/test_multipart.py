"""Statements with the content of their attachments (xAPI-Communication 1.5.2)."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from typing import Any

import pytest

from lrs.access import Scope
from lrs.http.multipart import read_parts
from lrs.services import Services
from tests.builders import a_statement, a_void
from tests.conftest import Client
from tests.contract.answers import STATEMENTS, Enter, ask, one, post
from tests.multiparts import (
    BOUNDARY,
    an_attachment,
    body_of,
    content_part,
    content_type,
    parts_of,
    statements_part,
    with_attachments,
)

ESSAY = b"An essay.\r\n"
PICTURE = bytes(range(256)) * 9


def send(client: Client, body: bytes, kind: str = content_type(), **given: Any) -> Any:
    """Post a body; it must be taken."""
    answer: Any = client.post(STATEMENTS, data=body, content_type=kind, **given)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer


def contents(client: Client, **parameters: str) -> list[tuple[dict[str, str], bytes]]:
    """Return the contents that go out with an answer."""
    answer = ask(client, **parameters, attachments="true")
    assert answer.status_code == 200
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    parts = parts_of(answer.headers["Content-Type"], answer.data)
    assert parts[0][0] == {"Content-Type": "application/json"}
    return parts[1:]


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
def test_content_comes_back_as_it_was_sent(fresh: Client, version: str) -> None:
    statement = with_attachments(
        an_attachment(ESSAY), an_attachment(PICTURE, contentType="image/png")
    )
    picture = content_part(PICTURE, content_type="image/png")
    body = body_of(statements_part(statement), content_part(ESSAY), picture)
    headers = {"X-Experience-API-Version": version}
    assert send(fresh, body, headers=headers).json == [statement["id"]]
    answer = ask(fresh, statementId=statement["id"], attachments="true")
    first, *rest = parts_of(answer.headers["Content-Type"], answer.data)
    assert first[1] == one(fresh, statement["id"]).data
    assert rest == [
        (
            {
                "Content-Type": declared["contentType"],
                "Content-Transfer-Encoding": "binary",
                "Content-Length": str(len(content)),
                "X-Experience-API-Hash": declared["sha2"],
            },
            content,
        )
        for declared, content in zip(
            statement["attachments"], (ESSAY, PICTURE), strict=True
        )
    ]


def test_put_takes_content_too(fresh: Client) -> None:
    statement = with_attachments(an_attachment(ESSAY))
    body = body_of(statements_part(statement), content_part(ESSAY))
    address = f"{STATEMENTS}?statementId={statement['id']}"
    for _ in range(2):
        answer: Any = fresh.put(address, data=body, content_type=content_type())
        assert answer.status_code == 204
    assert [content for _, content in contents(fresh)] == [ESSAY]


ODD = {
    "line breaks before the first boundary": lambda s, c: b"\r\n\r\n" + body_of(s, c),
    "no blank after the colon": lambda s, c: body_of(s, c, colon=":"),
    "blanks after the colon": lambda s, c: body_of(s, c, colon=":  \t"),
    "an epilogue": lambda s, c: body_of(s, c) + b"\r\nThat was it.\r\n--no end",
    "blanks after a boundary": lambda s, c: body_of(s, c).replace(
        f"\r\n--{BOUNDARY}\r\n".encode(), f"\r\n--{BOUNDARY} \t\r\n".encode()
    ),
    "names in another case": lambda s, c: body_of(
        ([(name.upper(), value) for name, value in s[0]], s[1]),
        ([(name.lower(), value.upper()) for name, value in c[0]], c[1]),
    ),
    "parameters of the Content-Type": lambda s, c: body_of(
        ([("Content-Type", 'application/json; charset="UTF-8"')], s[1]),
        content_part(ESSAY, content_type="text/plain; charset=ascii"),
    ),
    "other headers": lambda s, c: body_of(
        s,
        content_part(
            ESSAY,
            content_disposition='attachment; filename="é"',
            content_length=str(len(ESSAY)),
        ),
    ),
    "as few headers as can be": lambda s, c: body_of(
        s, content_part(ESSAY, content_type=None, content_transfer_encoding=None)
    ),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_what_is_odd_but_allowed_is_taken(fresh: Client, odd: Any) -> None:
    statement = with_attachments(an_attachment(ESSAY, contentType="Text/Plain; q=1"))
    send(fresh, odd(statements_part(statement), content_part(ESSAY)))
    assert [content for _, content in contents(fresh)] == [ESSAY]


@pytest.mark.parametrize("boundary", ["x", "'()+_,-./:=?", "a b" * 23 + "c"])
def test_every_boundary_of_the_rfc_is_taken(fresh: Client, boundary: str) -> None:
    statement = with_attachments(an_attachment(ESSAY))
    parts = (statements_part(statement), content_part(ESSAY))
    send(fresh, body_of(*parts, boundary=boundary), content_type(boundary))
    assert [content for _, content in contents(fresh)] == [ESSAY]


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_every_sha_2_is_taken_in_either_case(fresh: Client, bits: int) -> None:
    sha2 = hashlib.new(f"sha{bits}", ESSAY).hexdigest()
    statement = with_attachments(an_attachment(ESSAY, sha2=sha2.upper()))
    part = content_part(ESSAY, x_experience_api_hash=sha2)
    send(fresh, body_of(statements_part(statement), part))
    [(headers, content)] = contents(fresh)
    assert headers["X-Experience-API-Hash"] == sha2.upper()  # as it was declared
    assert content == ESSAY


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\r\n",
        b"-",
        f"x--{BOUNDARY}".encode(),  # no line of its own
        f"x\r\n--{BOUNDARY[:-1]}\r\n--{BOUNDARY[:-1]}--\r\n".encode(),
        f"\r\r\n--{BOUNDARY[:-1]}-\r\n-".encode() * 3,
        b"\x00\xff\r\n\r\n\n",
        PICTURE * 500,  # more than one chunk of the store
    ],
    ids=range(8),
)
def test_any_content_is_kept_octet_for_octet(fresh: Client, content: bytes) -> None:
    statement = with_attachments(an_attachment(content))
    send(fresh, body_of(statements_part(statement), content_part(content)))
    assert [found for _, found in contents(fresh)] == [content]


class Collected:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.parts: list[tuple[dict[str, str], bytes]] = []
        self.ended = 0

    def begin(self, number: int, headers: dict[str, str]) -> None:
        assert number == len(self.parts) + 1
        self.parts.append((headers, b""))

    def write(self, piece: memoryview) -> None:
        headers, content = self.parts[-1]
        self.parts[-1] = (headers, content + bytes(piece))

    def end(self) -> None:
        self.ended += 1


def test_however_a_body_is_cut_into_pieces_its_parts_are_the_same() -> None:
    content = f"a\r\n--{BOUNDARY[:-1]}\r\r\n--{BOUNDARY}-x\r\n--{BOUNDARY}\ry\r\n-"
    parts = (statements_part({}), content_part(content.encode()), content_part(b""))
    body = b"\r\n" + body_of(*parts)
    expected = [
        ({name.lower(): value for name, value in headers}, content)
        for headers, content in parts
    ]
    for size in range(1, len(body) + 1):
        for start in range(min(size, 3)):
            pieces = [body[:start]] if start else []
            pieces += [body[at : at + size] for at in range(start, len(body), size)]
            sink = Collected()
            read_parts(pieces, BOUNDARY, sink)
            assert (sink.parts, sink.ended) == (expected, 3), (size, start)


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
@pytest.mark.parametrize(
    "attachments", [None, [], [an_attachment(ESSAY, fileUrl="https://f.example/x")]]
)
def test_parts_without_content_are_taken(
    fresh: Client, version: str, attachments: Any
) -> None:
    statement = a_statement(attachments=attachments)
    headers = {"X-Experience-API-Version": version}
    send(fresh, body_of(statements_part(statement)), headers=headers)
    assert contents(fresh, statementId=statement["id"]) == []


def test_attachments_of_a_substatement_bring_content_too(fresh: Client) -> None:
    inner = with_attachments(an_attachment(ESSAY), with_id=False)
    statement = a_statement(object={"objectType": "SubStatement", **inner})
    send(fresh, body_of(statements_part(statement), content_part(ESSAY)))
    assert [content for _, content in contents(fresh)] == [ESSAY]


def test_content_of_several_statements_comes_and_goes_once(fresh: Client) -> None:
    batch = [
        with_attachments(an_attachment(ESSAY, contentType=kind), an_attachment(PICTURE))
        for kind in ("text/plain", "text/plain;x=y")
    ]
    parts = (content_part(PICTURE), content_part(ESSAY))
    send(fresh, body_of(statements_part(*batch), *parts))
    assert sorted(content for _, content in contents(fresh)) == [PICTURE, ESSAY]


def test_a_request_with_parts_may_be_compressed(fresh: Client) -> None:
    content = os.urandom(10) * 300_000
    statement = with_attachments(an_attachment(content))
    body = body_of(statements_part(statement), content_part(content))
    send(fresh, gzip.compress(body), headers={"Content-Encoding": "gzip"})
    assert [found for _, found in contents(fresh)] == [content]


def rows(services: Services, client: Client) -> dict[str, int]:
    """Count what the store keeps of a tenant's contents."""
    found = services.database["credentials"].find_one({"_id": client.auth[0]})
    assert found
    tenant = found["tenant"]
    owned = list(services.database["attachments"].find({"_id.t": tenant}))
    uploads = [row["upload"] for row in owned]
    chunks = services.database["attachments.chunks"]
    return {
        "attachments": len(owned),
        "files": services.database["attachments.files"].count_documents(
            {"metadata.t": tenant}
        ),
        "chunks": chunks.count_documents({"files_id": {"$in": uploads}}),
        "uploads": services.database["uploads"].count_documents({"t": tenant}),
    }


def test_content_that_is_there_already_is_stored_once(
    fresh: Client, common: Services
) -> None:
    statement = with_attachments(an_attachment(ESSAY))
    before = common.database["attachments.chunks"].count_documents({})
    for again in (statement, statement, with_attachments(an_attachment(ESSAY))):
        send(fresh, body_of(statements_part(again), content_part(ESSAY)))
    once = {"attachments": 1, "files": 1, "chunks": 1, "uploads": 0}
    assert rows(common, fresh) == once
    assert common.database["attachments.chunks"].count_documents({}) == before + 1
    assert [content for _, content in contents(fresh)] == [ESSAY]


def test_the_tools_of_mongodb_read_the_content(fresh: Client, common: Services) -> None:
    from gridfs import GridFSBucket

    content = os.urandom(1_500_000)
    statement = with_attachments(an_attachment(content))
    send(fresh, body_of(statements_part(statement), content_part(content)))
    bucket = GridFSBucket(common.database, "attachments")
    sha2 = statement["attachments"][0]["sha2"]
    with bucket.open_download_stream_by_name(sha2) as file:
        assert file.read() == content


# -- going out --------------------------------------------------------------------


def a_sent(client: Client, content: bytes, **properties: Any) -> dict[str, Any]:
    """Send a Statement with content; return it."""
    statement = with_attachments(an_attachment(content), **properties)
    send(client, body_of(statements_part(statement), content_part(content)))
    return statement


@pytest.mark.parametrize("format_", ["ids", "exact", "canonical"])
def test_content_goes_out_with_every_format(fresh: Client, format_: str) -> None:
    a_sent(fresh, ESSAY)
    assert [content for _, content in contents(fresh, format=format_)] == [ESSAY]


def test_content_goes_out_with_the_statements_of_the_answer_only(fresh: Client) -> None:
    first, second = a_sent(fresh, ESSAY), a_sent(fresh, PICTURE)
    assert [c for _, c in contents(fresh, statementId=first["id"])] == [ESSAY]
    assert [c for _, c in contents(fresh, statementId=second["id"])] == [PICTURE]
    assert [c for _, c in contents(fresh, limit="1")] == [PICTURE]
    assert contents(fresh, agent='{"mbox":"mailto:no@example.com"}') == []


def test_a_more_address_brings_the_content_of_its_page(fresh: Client) -> None:
    for content in (b"1", b"2", b"3"):
        a_sent(fresh, content)
    address, seen = f"{STATEMENTS}?attachments=true&limit=1&ascending=true", []
    while address:
        answer: Any = fresh.get(address)
        (_, body), *parts = parts_of(answer.headers["Content-Type"], answer.data)
        seen.append([content for _, content in parts])
        address = json.loads(body)["more"]
    assert seen == [[b"1"], [b"2"], [b"3"]]


def test_a_voided_statement_keeps_its_content(fresh: Client) -> None:
    statement = a_sent(fresh, ESSAY)
    post(fresh, a_void(statement["id"]))
    assert contents(fresh) == []
    found = contents(fresh, voidedStatementId=statement["id"])
    assert [content for _, content in found] == [ESSAY]


def test_only_content_that_came_with_a_statement_goes_out_with_it(
    fresh: Client,
) -> None:
    a_sent(fresh, ESSAY)
    url = "https://files.example.com/essay"
    elsewhere = with_attachments(an_attachment(ESSAY, fileUrl=url))
    post(fresh, elsewhere)
    assert contents(fresh, statementId=elsewhere["id"]) == []


def test_tenants_have_contents_of_their_own(
    fresh: Client, shared: Client, common: Services
) -> None:
    statement = a_sent(fresh, ESSAY)
    url = "https://files.example.com/essay"
    declared = with_attachments(an_attachment(ESSAY, fileUrl=url))
    post(shared, declared)
    assert contents(shared, statementId=declared["id"]) == []
    answer: Any = shared.get(
        f"{STATEMENTS}?statementId={statement['id']}&attachments=true"
    )
    assert answer.status_code == 404
    a_sent(shared, ESSAY)
    assert rows(common, fresh)["attachments"] == 1


def test_who_reads_only_their_own_gets_only_their_contents(enter: Enter) -> None:
    tenant = f"t{os.urandom(6).hex()}"
    mine = enter(tenant, Scope.STATEMENTS_WRITE, Scope.STATEMENTS_READ_MINE)
    other = enter(tenant, Scope.ALL)
    a_sent(other, ESSAY)
    a_sent(mine, PICTURE)
    assert [content for _, content in contents(mine)] == [PICTURE]
    assert len(contents(other)) == 2


def test_head_says_what_get_would_bring(fresh: Client) -> None:
    statement = a_sent(fresh, PICTURE)
    address = f"{STATEMENTS}?statementId={statement['id']}&attachments=true"
    get: Any = fresh.get(address)
    head: Any = fresh.head(address)
    assert (head.status_code, head.data) == (200, b"")
    changing = {"X-Request-Id", "X-Experience-API-Consistent-Through", "Content-Type"}
    assert {k: v for k, v in head.headers if k not in changing} == {
        k: v for k, v in get.headers if k not in changing
    }
    assert head.headers["Content-Type"].startswith("multipart/mixed; boundary=")


@pytest.mark.parametrize("query", ["", "&attachments=false"])
def test_without_attachments_true_json_alone_goes_out(
    fresh: Client, query: str
) -> None:
    statement = a_sent(fresh, ESSAY)
    answer: Any = fresh.get(f"{STATEMENTS}?statementId={statement['id']}{query}")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json["attachments"] == statement["attachments"]


def test_the_etag_is_that_of_the_form_that_was_asked_for(fresh: Client) -> None:
    address = f"{STATEMENTS}?statementId={a_sent(fresh, ESSAY)['id']}"
    plain: Any = fresh.get(address)
    parts: Any = fresh.get(f"{address}&attachments=true")
    again: Any = fresh.get(f"{address}&attachments=true")
    assert plain.headers["ETag"] != parts.headers["ETag"] == again.headers["ETag"]
