"""What contract tests ask and expect again and again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.conftest import Client

Enter = Callable[..., Client]
STATEMENTS = "/xapi/statements"


def post(client: Client, *statements: dict[str, Any], version: str = "1.0.3") -> Any:
    """Send Statements, one alone as an object; they must be taken."""
    body = statements[0] if len(statements) == 1 else list(statements)
    headers = {"X-Experience-API-Version": version}
    # Not json=, which would sort the keys.
    answer: Any = client.post(
        STATEMENTS,
        data=json.dumps(body),
        content_type="application/json",
        headers=headers,
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer


def put(client: Client, statement_id: str, statement: Any, **given: Any) -> Any:
    """Send one Statement under an id."""
    return client.put(
        f"{STATEMENTS}?statementId={statement_id}", json=statement, **given
    )


def one(client: Client, statement_id: str, **given: Any) -> Any:
    """Ask for one Statement that is not voided."""
    return client.get(f"{STATEMENTS}?statementId={statement_id}", **given)


def voided(client: Client, statement_id: str) -> Any:
    """Ask for one Statement that is voided."""
    return client.get(f"{STATEMENTS}?voidedStatementId={statement_id}")


def ask(
    client: Client, headers: dict[str, str] | None = None, **parameters: Any
) -> Any:
    """Ask for a page; a parameter that is no string is sent as JSON."""
    texts = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in parameters.items()
    }
    return client.get(f"{STATEMENTS}?{urlencode(texts)}", headers=headers or {})


def page(client: Client, **parameters: Any) -> list[str]:
    """Return the ids on the first page of an answer."""
    answer = ask(client, **parameters)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [item["id"] for item in answer.json["statements"]]


def walk(client: Client, **parameters: Any) -> list[list[str]]:
    """Return the ids of all pages, following ``more``."""
    answer = ask(client, **parameters)
    pages = []
    while True:
        assert answer.status_code == 200, answer.get_data(as_text=True)
        pages.append([item["id"] for item in answer.json["statements"]])
        if not answer.json["more"]:
            return pages
        answer = client.get(answer.json["more"])


def problem(answer: Any, *statuses: int) -> dict[str, Any]:
    """Check that an answer is a problem with one of these statuses; return it."""
    assert answer.status_code in statuses, answer.get_data(as_text=True)[:2000]
    assert answer.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.get_json(force=True)
    assert body["status"] == answer.status_code
    assert body["type"]
    assert body["title"]
    assert body["instance"].startswith("urn:uuid:")
    for violation in body.get("violations", []):
        assert set(violation) == {"path", "rule", "message"}
    return body


def log_of(folder: Path, lines: int) -> str:
    """Return the log of a server in this folder, with so many requests at least.

    Their lines are written a moment later than the answers.
    """
    end = time.monotonic() + 20
    while True:
        log = (folder / "serve.log").read_text()
        if log.count('"event":"request"') >= lines or time.monotonic() > end:
            return log
        time.sleep(0.1)
