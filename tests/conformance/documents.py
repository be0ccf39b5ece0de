"""The three document resources as one: where a document stands, and how it is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.conformance.caller import Lrs, told
from tests.conformance.full_statement import someone, something


@dataclass(frozen=True)
class Place:
    """Where a document stands, which no other test knows."""

    resource: str
    id_name: str
    context: dict[str, Any] = field(default_factory=dict)
    id: str = "bookmark"

    def named(self, document_id: str) -> Place:
        """Another document of the same context."""
        return replace(self, id=document_id)

    def within(self, **context: Any) -> Place:
        """The same document id in another context."""
        return replace(self, context=self.context | context)

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of a request for it."""
        return {**self.context, self.id_name: self.id}

    @property
    def is_state(self) -> bool:
        return self.id_name == "stateId"

    def ask(
        self, lrs: Lrs, method: str, body: Any = None, /, **headers: str | None
    ) -> Any:
        """Send a request for the document; ``If_Match`` and the like are headers."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return lrs.ask(method, self.resource, body, headers=given, **self.parameters)

    def create(self, lrs: Lrs, body: Any, **headers: str) -> None:
        """Store the document where there is none yet."""
        answer = self.ask(lrs, "PUT", body, If_None_Match="*", **headers)
        assert answer.status_code == 204, told(answer)
        assert answer.data == b""

    def content(self, lrs: Lrs) -> bytes | None:
        """Return what is stored, None for nothing."""
        answer = self.ask(lrs, "GET")
        if answer.status_code == 404:
            return None
        assert answer.status_code == 200, told(answer)
        found: bytes = answer.data
        return found

    def etag(self, lrs: Lrs) -> str:
        """Return the entity tag of what is stored, in its quotes."""
        return str(self.ask(lrs, "GET").headers["ETag"])

    def ids(self, lrs: Lrs, **parameters: Any) -> list[str]:
        """Return the ids of the documents in the context."""
        answer = lrs.ask("GET", self.resource, **self.context, **parameters)
        assert answer.status_code == 200, told(answer)
        found: list[str] = answer.json
        return found


def a_state() -> Place:
    context = {"activityId": something(), "agent": someone()}
    return Place("activities/state", "stateId", context)


def an_activity_profile() -> Place:
    return Place("activities/profile", "profileId", {"activityId": something()})


def an_agent_profile() -> Place:
    return Place("agents/profile", "profileId", {"agent": someone()})


MAKERS: dict[str, Callable[[], Place]] = {
    "state": a_state,
    "activity profile": an_activity_profile,
    "agent profile": an_agent_profile,
}
each_resource = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())


def tag_of(content: bytes) -> str:
    """Return the entity tag that 1.0.3 demands for a content."""
    return f'"{hashlib.sha1(content).hexdigest()}"'
