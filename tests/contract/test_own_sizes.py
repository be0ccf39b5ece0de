"""413: a credential's own limit of a request's size, however the body comes."""

from __future__ import annotations

import gzip
import io
import json
from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

import pytest

from lrs.access import Scope
from lrs.services import Services
from tests.builders import a_statement
from tests.conftest import Client, run_lrs
from tests.contract.answers import STATEMENTS, Enter, problem
from tests.multiparts import (
    an_attachment,
    body_of,
    content_part,
    content_type,
    statements_part,
    with_attachments,
)

MOST = 2000
SENTENCE = f"The body has more than {MOST} bytes (this credential's)."
JSON = "application/json"


@pytest.fixture(scope="module")
def small(common: Services, shared: Client) -> Client:
    """Give a client of a credential that may send little at once."""
    made = common.credentials.add("shared", [Scope.ALL], max_request_bytes=MOST)
    return shared.signed_in_as(*made)


def batch(count: int) -> bytes:
    return json.dumps([a_statement() for _ in range(count)]).encode()


def parts(octets: int) -> bytes:
    content = b"x" * octets
    statement = with_attachments(an_attachment(content))
    return body_of(statements_part(statement), content_part(content))


def form(count: int) -> dict[str, Any]:
    """Return what is sent in the Alternate Request Syntax."""
    fields = {"X-Experience-API-Version": "1.0.3", "content": batch(count)}
    kind = "application/x-www-form-urlencoded"
    return {"data": urlencode(fields), "content_type": kind}


STATE = "/xapi/activities/state"


def state(octets: int) -> dict[str, Any]:
    query = {
        "activityId": "https://a.example/a",
        "agent": '{"mbox":"mailto:a@b.example"}',
        "stateId": str(octets),
    }
    return {"data": b"x" * octets, "query_string": query}


# name: path, what is sent within the limit, what is sent beyond it
WAYS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "a batch": (
        STATEMENTS,
        {"data": batch(2), "content_type": JSON},
        {"data": batch(40), "content_type": JSON},
    ),
    "packed": (
        STATEMENTS,
        {
            "data": gzip.compress(batch(2)),
            "content_type": JSON,
            "headers": {"Content-Encoding": "gzip"},
        },
        {
            "data": gzip.compress(batch(40)),
            "content_type": JSON,
            "headers": {"Content-Encoding": "gzip"},
        },
    ),
    "attachments": (
        STATEMENTS,
        {"data": parts(500), "content_type": content_type()},
        {"data": parts(3000), "content_type": content_type()},
    ),
    "a document": (STATE, state(MOST), state(MOST + 1)),
    "to be validated": (
        "/api/v1/statements/validate",
        {"data": batch(2), "content_type": JSON},
        {"data": batch(40), "content_type": JSON},
    ),
    "the other syntax": (f"{STATEMENTS}?method=POST", form(2), form(40)),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_body_of_any_kind_is_held_to_the_credentials_limit(
    small: Client, shared: Client, way: str
) -> None:
    path, within, beyond = WAYS[way]
    if way == "the other syntax":  # the form says who sends it
        within, beyond = (
            {**given, "data": f"{given['data']}&{urlencode({'Authorization': basic})}"}
            for given, basic in ((within, header(small)), (beyond, header(small)))
        )
    assert small.post(path, **within).status_code in (200, 204)
    assert problem(small.post(path, **beyond), 413)["detail"] == SENTENCE
    if way != "the other syntax":
        assert shared.post(path, **beyond).status_code in (200, 204)


def header(client: Client) -> str:
    return "Basic " + b64encode(":".join(client.auth).encode()).decode()


def test_a_body_without_a_length_is_counted_as_it_comes(small: Client) -> None:
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = small.post(
        STATEMENTS,
        input_stream=io.BytesIO(batch(40)),
        content_type=JSON,
        environ_overrides=chunked,
    )
    assert problem(answer, 413)["detail"] == SENTENCE


def test_a_larger_limit_than_the_settings_gives_no_more(
    common: Services, shared: Client
) -> None:
    most = common.settings.max_document_bytes
    made = common.credentials.add("shared", [Scope.ALL], max_request_bytes=2 * most)
    large = shared.signed_in_as(*made)
    answer = large.post(STATE, **state(most + 1))
    assert "LRS_MAX_DOCUMENT_BYTES" in problem(answer, 413)["detail"]


def test_the_command_sets_and_lists_a_credentials_limits(
    services: Services,
) -> None:
    def lrs(*arguments: str, status: int = 0) -> str:
        done = run_lrs(services.settings, "credentials", *arguments, check=False)
        assert done.returncode == status, done.stderr
        return done.stdout or done.stderr

    limits = ("--rate-limit", "50/second;900/minute", "--max-request-bytes", "4096")
    lrs("add", "--scope", "all", "--key", "k", "--secret", "s", *limits)
    principal = services.credentials.verify("k", "s")
    assert principal
    assert principal.rate_limit == "50/second;900/minute"
    assert principal.max_request_bytes == 4096
    rows = {line.split("\t")[0]: line.split("\t") for line in lrs("list").splitlines()}
    assert rows["k"][-2:] == ["50/second;900/minute", "4096"]
    assert rows["test-key"][-2:] == ["-", "-"]
    said = lrs("add", "--scope", "all", "--rate-limit", "many", status=2)
    assert "Rates look like 50/second;1000/minute." in said


def test_a_credential_of_before_has_no_limits_of_its_own(
    common: Services, enter: Enter
) -> None:
    key, secret = enter("shared").auth
    fields = {"rate_limit": "", "max_request_bytes": ""}
    common.database["credentials"].update_one({"_id": key}, {"$unset": fields})
    found = common.credentials.verify(key, secret)
    assert found
    assert (found.rate_limit, found.max_request_bytes) == (None, None)
    (listed,) = [it for it in common.credentials.list("shared") if it.key == key]
    assert listed.rate_limit is None
