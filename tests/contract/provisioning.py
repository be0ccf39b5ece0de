"""A client that speaks SCIM, and bodies as identity providers send them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Flask
from werkzeug.test import TestResponse

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
WORKFORCE = "urn:ietf:params:scim:schemas:extension:workforce:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
MEDIA_TYPE = "application/scim+json"


@dataclass(frozen=True)
class Provider:
    """An identity provider with its token."""

    app: Flask
    token: str

    def send(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> TestResponse:
        """Send a request; ``path`` is below /scim/v2."""
        given = {"Authorization": f"Bearer {self.token}", "Accept": MEDIA_TYPE}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, (bytes, type(None))) else orjson.dumps(body)
        kind = given.pop("Content-Type", MEDIA_TYPE) if data is not None else None
        return self.app.test_client().open(
            f"/scim/v2{path}",
            method=method,
            data=data,
            headers=given,
            content_type=kind,
        )

    def create(self, user_name: str, /, **more: Any) -> dict[str, Any]:
        """Create a user and return it."""
        answer = self.send("POST", "/Users", a_user(user_name, **more))
        assert answer.status_code == 201, answer.text
        return read(answer)

    def patch(self, user: str, *operations: dict[str, Any]) -> TestResponse:
        body = {"schemas": [PATCH], "Operations": list(operations)}
        return self.send("PATCH", f"/Users/{user}", body)

    def get(self, user: str) -> dict[str, Any]:
        answer = self.send("GET", f"/Users/{user}")
        assert answer.status_code == 200, answer.text
        return read(answer)

    def search(self, written: str | None = None, **more: Any) -> dict[str, Any]:
        answer = self.searched(written, **more)
        assert answer.status_code == 200, answer.text
        return read(answer)

    def searched(self, written: str | None = None, **more: Any) -> TestResponse:
        from urllib.parse import urlencode

        given = ({"filter": written} if written is not None else {}) | more
        return self.send("GET", f"/Users?{urlencode(given)}")

    def names(self, written: str | None = None, **more: Any) -> list[str]:
        found = self.search(written, **more)["Resources"]
        return [user["userName"] for user in found]


def a_user(user_name: str, /, **more: Any) -> dict[str, Any]:
    """A user as small as they come; ``more`` are attributes."""
    return {"schemas": [CORE], "userName": user_name, **more}


def read(answer: TestResponse) -> dict[str, Any]:
    """The body of an answer, which is SCIM's."""
    assert answer.mimetype == MEDIA_TYPE
    found = orjson.loads(answer.data)
    assert isinstance(found, dict)
    return found


def refusal(answer: TestResponse) -> tuple[int, str | None]:
    """The status and keyword of an error, which has the form of SCIM."""
    told = read(answer)
    assert told["schemas"] == [ERROR]
    assert told["status"] == str(answer.status_code)
    assert told["detail"]
    return answer.status_code, told.get("scimType")


Enroll = Callable[..., Provider]
"""Makes a provider of a new tenant, or of one by name, with these scopes."""
