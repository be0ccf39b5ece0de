"""How the tests of this folder speak to the LRS: one request in one line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from lrs.xapi.statement import validate
from lrs.xapi.versions import Version
from lrs.xapi.violations import Violation
from tests.conftest import Client

JSON = "application/json"
PROBLEM = "application/problem+json"
VERSION_HEADER = "X-Experience-API-Version"
CONSISTENT = "X-Experience-API-Consistent-Through"


@dataclass(frozen=True)
class Lrs:
    """The LRS for a caller who speaks one version of xAPI."""

    client: Client
    version: str

    def ask(
        self,
        method: str,
        resource: str,
        body: Any = None,
        /,
        headers: Mapping[str, str | None] | None = None,
        auth: tuple[str, str] | None = None,
        **parameters: Any,
    ) -> Any:
        """Send a request, return the answer.

        A body that is neither bytes nor None is sent as JSON, and so is a parameter
        that is no string. A header of None is left out.
        """
        sent = {VERSION_HEADER: self.version, **(headers or {})}
        given: dict[str, Any] = {}
        if body is not None:
            raw = isinstance(body, bytes)
            given["data"] = body if raw else json.dumps(body).encode()
            if "Content-Type" not in sent:
                sent["Content-Type"] = JSON
        if auth is not None or "Authorization" in sent:
            given["auth"] = auth
        return getattr(self.client, method.lower())(
            address(resource, **parameters), headers=sent, **given
        )

    def store(self, *statements: dict[str, Any], **given: Any) -> list[str]:
        """Post Statements, which must be taken; return their ids."""
        body = statements[0] if len(statements) == 1 else list(statements)
        answer = self.ask("POST", "statements", body, **given)
        assert answer.status_code == 200, told(answer)
        found: list[str] = answer.json
        return found

    def read(self, statement_id: str, **given: Any) -> dict[str, Any]:
        """Return a stored Statement."""
        answer = self.ask("GET", "statements", statementId=statement_id, **given)
        assert answer.status_code == 200, told(answer)
        found: dict[str, Any] = answer.json
        return found

    def find(self, **parameters: Any) -> list[dict[str, Any]]:
        """Return the Statements of the first page that parameters ask for."""
        answer = self.ask("GET", "statements", **parameters)
        assert answer.status_code == 200, told(answer)
        found: list[dict[str, Any]] = answer.json["statements"]
        return found

    def find_ids(self, **parameters: Any) -> list[str]:
        """Return the ids of these Statements, in their order."""
        return [item["id"] for item in self.find(**parameters)]

    def takes(self, statement: Any, status: int) -> None:
        """Check that a Statement is taken (200) or refused as a problem (400)."""
        answer = self.ask("POST", "statements", statement)
        if status == 200:
            assert answer.status_code == 200, told(answer)
        else:
            refused(answer, status)


def address(resource: str, **parameters: Any) -> str:
    """Return a path with its query; what is no string stands there as JSON."""
    texts = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in parameters.items()
    }
    path = resource if resource.startswith("/") else f"/xapi/{resource}"
    return f"{path}?{urlencode(texts)}" if texts else path


def refused(answer: Any, *statuses: int) -> dict[str, Any]:
    """Check that an answer is a refusal with one of these statuses, and says why."""
    assert answer.status_code in statuses, told(answer)
    assert answer.headers["Content-Type"] == PROBLEM
    problem: dict[str, Any] = answer.get_json(force=True)
    assert problem["status"] == answer.status_code
    assert problem["title"]
    return problem


def told(answer: Any) -> str:
    """Return what an answer says, for the message of a failed test."""
    return f"{answer.status}: {answer.get_data(as_text=True)[:1000]}"


def violations(statement: Any, version: str) -> list[Violation]:
    """Return what the rules say of a Statement, without a request."""
    return validate(statement, Version(version))
