"""Every route of /api/v1 keeps what /api/openapi.json says, whatever is sent to it.

schemathesis makes the requests from the description, right ones and wrong ones, sends
them to a live server and checks the answers: no 5xx; status, media type, schema and
headers as described; wrong parameters refused and right ones taken; 405 with Allow;
401 without the credential. It runs as the program that it is: its pytest plugin cannot
take a description that only a running server has.
"""

from __future__ import annotations

import html
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lrs.access import Scope
from tests.conftest import Client, free_port, running, wait_until_ready
from tests.contract.answers import problem
from tests.contract.company import Company, company

pytestmark = pytest.mark.long

__all__ = ["company"]  # a fixture
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
RUN = "import schemathesis.cli, sys; sys.exit(schemathesis.cli.schemathesis())"


@pytest.fixture(scope="module")
def served(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a live server over the company's database."""
    log = tmp_path_factory.mktemp("served") / "serve.log"
    settings = replace(company.services.settings, bind=f"127.0.0.1:{free_port()}")
    with running(settings, "serve", log=log):
        wait_until_ready(f"http://{settings.bind}", log)
        yield f"http://{settings.bind}"


@pytest.fixture(scope="module")
def described(company: Company) -> Any:
    return company.app.test_client().get("/api/openapi.json").get_json()


def operations(described: Any) -> list[tuple[str, str]]:
    return [
        (path, method)
        for path, item in described["paths"].items()
        for method in item
        if method != "parameters"
    ]


def test_every_route_answers_as_it_is_described(
    served: str, company: Company, described: Any, tmp_path: Path
) -> None:
    key, secret = company.services.credentials.add("default", [Scope.ALL])
    done = subprocess.run(
        [
            *(sys.executable, "-c", RUN, "--config-file", str(CONFIGURATION), "run"),
            *(f"{served}/api/openapi.json", "--auth", f"{key}:{secret}"),
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    assert f"Tested: {len(operations(described))}\n" in done.stdout


def test_no_route_answers_who_sends_no_valid_credential(
    company: Company, described: Any
) -> None:
    for path, method in operations(described):
        address = re.sub(r"\{[^}]+\}", str(uuid.uuid4()), path)
        for auth in (None, ("nobody", "nothing")):
            answer = getattr(Client(company.app), method)(address, auth=auth)
            problem(answer, 401)
            assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_the_description_is_an_openapi_document(described: Any) -> None:
    # Here, since importing it takes every process of the tests long.
    from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

    errors = OPENAPI_31_VALIDATOR.iter_errors(described)
    assert [str(error)[:500] for error in errors] == []
    broken = {**described, "openapi": "3.1.0", "paths": {"no-slash": 1}}
    assert list(OPENAPI_31_VALIDATOR.iter_errors(broken))


def test_every_operation_says_what_it_does_and_how_it_refuses(described: Any) -> None:
    for path, method in operations(described):
        operation = described["paths"][path][method]
        assert operation["summary"].endswith("."), path
        refusals = {
            status: answer
            for status, answer in operation["responses"].items()
            if int(status) >= 400
        }
        of_body = {"413", "415"} if "requestBody" in operation else set()
        expected = {"400", "401", "403", "429", "503"} | of_body
        assert expected <= set(refusals), path
        for answer in refusals.values():
            assert list(answer["content"]) == ["application/problem+json"]
            assert answer["description"] != ""
        assert any(
            answer.get("content")
            for status, answer in operation["responses"].items()
            if int(status) == 200
        ), path


def test_the_readable_page_has_every_address_parameter_and_answer(
    company: Company, described: Any
) -> None:
    page = html.unescape(company.app.test_client().get("/api/docs").text)
    sections = page.split('<section class="card">')
    for path, method in operations(described):
        heading = f"<h2><code>{method.upper()} {path}</code></h2>"
        (section,) = [it for it in sections if heading in it]
        item = described["paths"][path]
        operation = item[method]
        parameters = item.get("parameters", []) + operation.get("parameters", [])
        for parameter in parameters:
            assert f"<code>{parameter['name']}</code>" in section
            assert parameter.get("description", "") in section
        for status, answer in operation["responses"].items():
            assert f'<th scope="row">{status}</th>' in section
            assert answer["description"] in section
        for kind in operation.get("requestBody", {}).get("content", {}):
            assert f"<code>{kind}</code>" in section
    for name, schema in described["components"]["schemas"].items():
        if name != "PaginationMetadata":  # of the library, and unused
            assert f'id="{name}"' in page
            assert all(f"<code>{item}</code>" in page for item in schema["properties"])
