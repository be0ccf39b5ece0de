"""Requests in parts that are refused: each says why, and leaves nothing behind."""

from __future__ import annotations

from typing import Any

import pytest

from lrs.access import Scope
from lrs.errors import BadRequest
from lrs.http.multipart import read_parts
from lrs.services import Services
from tests.builders import a_statement
from tests.conftest import Client
from tests.contract.answers import STATEMENTS, Enter, page, post, problem
from tests.contract.broken_multiparts import (
    BROKEN,
    ESSAY,
    GOOD,
    MARK,
    SECOND,
    STATEMENT,
)
from tests.contract.test_multipart import Collected
from tests.multiparts import (
    BOUNDARY,
    an_attachment,
    body_of,
    content_part,
    content_type,
    statements_part,
    with_attachments,
)

VERSIONS = ["1.0.3", "2.0.0"]
OF_THE_GRAMMAR = (
    *("does not begin", "closing boundary", "not alone on its line", "has headers"),
    *("broken header", "Part 2 of the body repeats a header"),
)


def send(client: Client, body: bytes, kind: str = content_type(), **given: Any) -> Any:
    """Post a body."""
    return client.post(STATEMENTS, data=body, content_type=kind, **given)


def left_behind(services: Services) -> list[int]:
    """Count what stands in the collections of content, of all tenants."""
    names = ("uploads", "attachments", "attachments.files", "attachments.chunks")
    return [services.database[name].count_documents({}) for name in names]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_request_is_refused(
    shared: Client,
    common: Services,
    name: str,
    version: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    body, kind, said = BROKEN[name]
    before = left_behind(common)
    answer = send(shared, body, kind, headers={"X-Experience-API-Version": version})
    found = problem(answer, 400)
    assert said in found["detail"]
    seen = capfd.readouterr()
    for text in (answer.get_data(as_text=True), seen.out, seen.err):
        assert MARK not in text
    assert left_behind(common) == before


@pytest.mark.parametrize("name", ["another boundary", "no content", "content twice"])
def test_put_refuses_as_post_does(shared: Client, name: str) -> None:
    body, kind, said = BROKEN[name]
    address = f"{STATEMENTS}?statementId={STATEMENT['id']}"
    answer: Any = shared.put(address, data=body, content_type=kind)
    assert said in problem(answer, 400)["detail"]


def test_the_refused_stored_no_statement(fresh: Client) -> None:
    for body, kind, _ in BROKEN.values():
        send(fresh, body, kind)
    assert page(fresh) == []
    assert send(fresh, GOOD).status_code == 200  # the table breaks a good one


def test_however_a_broken_body_is_cut_it_is_refused() -> None:
    for body, kind, said in BROKEN.values():
        if kind != content_type() or said not in OF_THE_GRAMMAR:
            continue
        for size in (1, 2, 3, 7, 50, 333):
            pieces = [body[at : at + size] for at in range(0, len(body), size)]
            with pytest.raises(BadRequest, match=said):
                read_parts(pieces, BOUNDARY, Collected())


@pytest.mark.parametrize("version", VERSIONS)
def test_the_violations_name_the_attachment(shared: Client, version: str) -> None:
    attachment = an_attachment(ESSAY, contentType="image/png")
    lacking = an_attachment(b"never sent")
    inner = with_attachments(lacking, with_id=False)
    batch = [
        with_attachments(lacking, attachment),
        a_statement(),
        a_statement(object={"objectType": "SubStatement", **inner}),
    ]
    body = body_of(statements_part(*batch), content_part(ESSAY))
    headers = {"X-Experience-API-Version": version}
    found = problem(send(shared, body, headers=headers), 400)
    assert [item["path"] for item in found["violations"]] == [
        "[0].attachments[0]",
        "[0].attachments[1].contentType",
        "[2].object.attachments[0]",
    ]
    assert {item["rule"] for item in found["violations"]} == {
        "xapi-communication:1.5.2"
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_json_alone_cannot_bring_content(shared: Client, version: str) -> None:
    headers = {"X-Experience-API-Version": version}
    lacking = with_attachments(an_attachment(ESSAY))
    found = problem(shared.post(STATEMENTS, json=lacking, headers=headers), 400)
    assert [item["path"] for item in found["violations"]] == ["attachments[0]"]
    url = "https://files.example.com/essay"
    post(shared, with_attachments(an_attachment(ESSAY, fileUrl=url)), version=version)


def test_the_rules_of_statements_hold_in_parts_too(shared: Client) -> None:
    broken = with_attachments(an_attachment(ESSAY, usageType="x"), verb="x")
    found = problem(send(shared, body_of(statements_part(broken), SECOND)), 400)
    paths = {item["path"] for item in found["violations"]}
    assert paths == {"verb.id", "attachments[0].usageType"}


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/related", "multipart/mixed2"]
)
def test_other_multipart_types_are_refused(shared: Client, kind: str) -> None:
    problem(send(shared, GOOD, f"{kind}; boundary={BOUNDARY}"), 400)


def test_too_many_statements_are_too_large(shared: Client) -> None:
    batch = [a_statement() for _ in range(201)]
    answer = send(shared, body_of(statements_part(*batch)))
    assert "LRS_MAX_STATEMENTS" in problem(answer, 413)["detail"]


def test_who_may_not_write_sends_no_content(enter: Enter, common: Services) -> None:
    reader = enter("shared", Scope.ALL_READ)
    before = left_behind(common)
    for body in (GOOD, b"not even multipart"):
        problem(send(reader, body), 403)
    assert left_behind(common) == before


def test_a_conflict_leaves_no_content_behind(fresh: Client, common: Services) -> None:
    assert send(fresh, GOOD).status_code == 200
    before = left_behind(common)
    other = with_attachments(
        an_attachment(b"another"), id=STATEMENT["id"], verb="http://v.example/other"
    )
    body = body_of(statements_part(other), content_part(b"another"))
    problem(send(fresh, body), 409)
    assert send(fresh, GOOD).status_code == 200  # a repeat
    assert left_behind(common) == before
