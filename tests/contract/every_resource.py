"""One good request for every resource and method: tests spoil one thing in it."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from tests.builders import a_statement
from tests.conftest import Client
from tests.contract.document_requests import JSON

_AGENT = '{"mbox":"mailto:ann@example.com"}'
_ACTIVITY = "https://courses.example.com/fire-safety"
_UUID = "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"


@dataclass(frozen=True)
class Good:
    """A request that is taken, and what it may be asked to leave out."""

    method: str
    path: str
    parameters: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def query(self) -> str:
        return urlencode(self.parameters)

    def but(self, **changes: Any) -> Good:
        """The same with something else."""
        return replace(self, **changes)

    def send(
        self,
        client: Client,
        version: str = "1.0.3",
        *,
        query: str | None = None,
        headers: dict[str, str] | None = None,
        **given: Any,
    ) -> Any:
        """Send it; ``query`` takes the place of the parameters."""
        asked = self.query if query is None else query
        if self.body is not None:
            given = {"data": self.body, "content_type": JSON} | given
        return getattr(client, self.method.lower())(
            f"{self.path}?{asked}" if asked else self.path,
            headers={"X-Experience-API-Version": version}
            | self.headers
            | (headers or {}),
            **given,
        )


_BODY = json.dumps(a_statement(with_id=False)).encode()
_OF_STATE = {"activityId": _ACTIVITY, "agent": _AGENT, "stateId": "s"}
_OF_ACTIVITY = {"activityId": _ACTIVITY, "profileId": "p"}
_OF_AGENT = {"agent": _AGENT, "profileId": "p"}
_ANY = {"If-Match": "*"}
_QUERY = {
    "agent": _AGENT,
    "verb": "http://verbs.example.com/v",
    "activity": _ACTIVITY,
    "registration": _UUID,
    "related_activities": "true",
    "related_agents": "false",
    "since": "2020-01-01T00:00:00Z",
    "until": "2030-01-01T00:00:00Z",
    "limit": "1",
    "format": "exact",
    "attachments": "false",
    "ascending": "true",
}


def _documents() -> dict[str, Good]:
    found = {}
    for name, path, of in (
        ("state", "/xapi/activities/state", _OF_STATE),
        ("activity profile", "/xapi/activities/profile", _OF_ACTIVITY),
        ("agent profile", "/xapi/agents/profile", _OF_AGENT),
    ):
        for method in ("PUT", "POST"):
            given = _ANY if method == "PUT" else {}
            found[f"{method} {name}"] = Good(method, path, of, b"{}", given)
        found[f"GET {name}"] = Good("GET", path, of)
        listed = {key: value for key, value in of.items() if not key.endswith("eId")}
        listed |= {"since": "2020-01-01T00:00:00Z"}
        if name == "state":
            listed["registration"] = _UUID
        found[f"GET {name}, list"] = Good("GET", path, listed)
        found[f"DELETE {name}"] = Good("DELETE", path, of | {_last(of): "other"})
    return found


def _last(of: dict[str, str]) -> str:
    return list(of)[-1]


XAPI: dict[str, Good] = {
    "POST statements": Good("POST", "/xapi/statements", {}, _BODY),
    "PUT statements": Good(
        "PUT", "/xapi/statements", {"statementId": str(uuid.uuid4())}, _BODY
    ),
    "GET statements": Good("GET", "/xapi/statements", _QUERY),
    **_documents(),
    "GET agents": Good("GET", "/xapi/agents", {"agent": _AGENT}),
    "GET activities": Good("GET", "/xapi/activities", {"activityId": _ACTIVITY}),
}
API: dict[str, Good] = {
    "validate": Good(
        "POST",
        "/api/v1/statements/validate",
        {"version": "1.0.3", "cmi5": "false"},
        _BODY,
    ),
    "cmi5-violations": Good(
        "GET", "/api/v1/statements/cmi5-violations", {"limit": "1"}
    ),
    "reports": Good("GET", "/api/v1/reports"),
}
EVERY = XAPI | API
