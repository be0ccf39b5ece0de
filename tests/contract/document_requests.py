"""What tests of the document resources ask again and again, for all three of them."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.conftest import Client

JSON = "application/json"
VERSIONS = ("1.0.3", "2.0.0")


@dataclass(frozen=True)
class Address:
    """Where a document stands, or the context of several: path and parameters."""

    path: str
    id_name: str
    parameters: dict[str, Any]

    def but(self, **parameters: Any) -> Address:
        """The same with other parameters; None takes one away."""
        changed = self.parameters | parameters
        kept = {name: value for name, value in changed.items() if value is not None}
        return replace(self, parameters=kept)

    def named(self, document_id: str) -> Address:
        """Another document of the same context."""
        return self.but(**{self.id_name: document_id})

    @property
    def context(self) -> Address:
        """The address of the list."""
        return self.but(**{self.id_name: None})

    def __str__(self) -> str:
        """The address with its query; what is no string is sent as JSON."""
        texts = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in self.parameters.items()
        }
        return f"{self.path}?{urlencode(texts)}"


def an_agent() -> dict[str, Any]:
    return {"mbox": f"mailto:{uuid.uuid4().hex}@example.com"}


def an_activity() -> str:
    return f"https://courses.example.com/{uuid.uuid4()}"


def a_state(**parameters: Any) -> Address:
    """A State document that nobody has written yet."""
    given = {"activityId": an_activity(), "agent": an_agent(), "stateId": "bookmark"}
    return Address("/xapi/activities/state", "stateId", given | parameters)


def an_activity_profile(**parameters: Any) -> Address:
    given = {"activityId": an_activity(), "profileId": "settings"}
    return Address("/xapi/activities/profile", "profileId", given | parameters)


def an_agent_profile(**parameters: Any) -> Address:
    given = {"agent": an_agent(), "profileId": "preferences"}
    return Address("/xapi/agents/profile", "profileId", given | parameters)


RESOURCES = {
    "state": a_state,
    "activity profile": an_activity_profile,
    "agent profile": an_agent_profile,
}
each_resource = pytest.mark.parametrize(
    "make", RESOURCES.values(), ids=RESOURCES.keys()
)
each_version = pytest.mark.parametrize("version", VERSIONS)


def send(
    client: Client,
    method: str,
    address: Address | str,
    body: bytes | None = None,
    kind: str | None = None,
    version: str = "1.0.3",
    **headers: str,
) -> Any:
    """Send a request; ``If_Match`` and the like are headers."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    given["X-Experience-API-Version"] = version
    content = {"data": body, "content_type": kind} if body is not None else {}
    return getattr(client, method)(str(address), headers=given, **content)


def get(client: Client, address: Address | str, **given: Any) -> Any:
    return send(client, "get", address, **given)


def put(
    client: Client, address: Address, body: bytes, kind: str | None = JSON, **given: Any
) -> Any:
    return send(client, "put", address, body, kind, **given)


def post(
    client: Client, address: Address, body: bytes, kind: str | None = JSON, **given: Any
) -> Any:
    return send(client, "post", address, body, kind, **given)


def delete(client: Client, address: Address | str, **given: Any) -> Any:
    return send(client, "delete", address, **given)


def create(
    client: Client, address: Address, body: bytes = b"{}", kind: str | None = JSON
) -> None:
    """Store a document where none stands yet."""
    answer = put(client, address, body, kind, If_None_Match="*")
    assert answer.status_code == 204, answer.get_data(as_text=True)


def etag(body: bytes) -> str:
    """The ETag of a content, as it stands in a header."""
    return f'"{hashlib.sha1(body).hexdigest()}"'


def ids(client: Client, address: Address, **given: Any) -> list[str]:
    """The ids in a context."""
    answer = get(client, address.context, **given)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: list[str] = answer.json
    return found
