"""What tests of Activities and Agents ask again and again."""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import urlencode

from tests.builders import a_statement
from tests.conftest import Client
from tests.contract.answers import post

ACTIVITIES, AGENTS = "/xapi/activities", "/xapi/agents"
VERSIONS = ("1.0.3", "2.0.0")


def an_id() -> str:
    """An Activity that nobody has heard of yet."""
    return f"https://courses.example.com/{uuid.uuid4()}"


def an_agent(**properties: Any) -> dict[str, Any]:
    """An Agent that nobody has heard of yet."""
    return {"mbox": f"mailto:{uuid.uuid4().hex}@example.com", **properties}


def about(activity: str, definition: Any, **properties: Any) -> dict[str, Any]:
    """A Statement that defines an Activity."""
    return a_statement(object={"id": activity, "definition": definition}, **properties)


def by(actor: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """A Statement of this Actor."""
    return {**a_statement(**properties), "actor": actor}


def define(client: Client, activity: str, *definitions: Any) -> None:
    """Define an Activity, in one Statement after the other."""
    for definition in definitions:
        post(client, about(activity, definition))


def activity_answer(
    client: Client, activity: str, method: str = "get", **headers: str
) -> Any:
    address = f"{ACTIVITIES}?{urlencode({'activityId': activity})}"
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return getattr(client, method)(address, headers=given)


def definition_of(client: Client, activity: str) -> Any:
    """The definition of an Activity, None where it has none."""
    answer = activity_answer(client, activity)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.json["id"] == activity
    return answer.json.get("definition")


def agent_answer(
    client: Client, agent: Any, method: str = "get", **headers: str
) -> Any:
    text = agent if isinstance(agent, str) else json.dumps(agent)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    address = f"{AGENTS}?{urlencode({'agent': text})}"
    return getattr(client, method)(address, headers=given)


def person_of(client: Client, agent: dict[str, Any]) -> Any:
    """The Person of an Agent."""
    answer = agent_answer(client, agent)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json
