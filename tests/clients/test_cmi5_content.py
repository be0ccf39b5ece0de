"""A cmi5 AU made with @xapi/cmi5, in a real browser, from another origin than ours.

The LMS around it is a small server of this test: it serves the content, answers the
fetch URL once and has put LMS.LaunchData into the State beforehand, as the cmi5
specification asks (sections 8 and 10). The rules are enforced by the LRS: one that read
them wrongly would refuse this client's Statements.
"""

from __future__ import annotations

import base64
import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Browser

from tests.conftest import KEY, SECRET

CMI5 = "https://w3id.org/xapi/cmi5/context"
VERSION = {"X-Experience-API-Version": "1.0.3"}
PAGE = b"""<!doctype html><title>An AU</title><script src="cmi5.js"></script>"""
ACTOR = {"account": {"homePage": "https://lms.example.com", "name": "ann"}}
AU = "https://courses.example.com/fire-safety/au1"

# What the content does, from launch to end.
SESSION = """async () => {
  const au = new Cmi5();
  await au.initialize();
  await au.progress(50);
  await au.interactionTrueFalse("test", "q1", true, true);
  await au.complete();
  await au.pass({ scaled: 0.9 });
  await au.terminate();
  return au.launchData.moveOn;
}"""


@pytest.fixture
def lms(installed: Path) -> Iterator[str]:
    """The address of the LMS; its fetch URL gives the token once."""
    script = (installed / "@xapi/cmi5/dist/Cmi5.umd.js").read_bytes()
    token = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
    tokens = [token]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_script = self.path == "/cmi5.js"
            self.answer(
                script if is_script else PAGE,
                "text/javascript" if is_script else "text/html",
            )

        def do_POST(self) -> None:
            body: dict[str, str] = (
                {"auth-token": tokens.pop()}
                if tokens
                else {"error-code": "1", "error-text": "used"}
            )
            self.answer(json.dumps(body).encode(), "application/json")

        def answer(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def put_launch_data(endpoint: str, registration: str, session: str) -> None:
    template = {
        "contextActivities": {
            "grouping": [{"id": "https://courses.example.com/fire-safety"}]
        },
        "extensions": {f"{CMI5}/extensions/sessionid": session},
    }
    answer = httpx.put(
        f"{endpoint}activities/state",
        params={
            "activityId": AU,
            "agent": json.dumps(ACTOR),
            "registration": registration,
            "stateId": "LMS.LaunchData",
        },
        json={
            "launchMode": "Normal",
            "moveOn": "CompletedAndPassed",
            "masteryScore": 0.8,
            "contextTemplate": template,
        },
        headers=VERSION,
        auth=(KEY, SECRET),
    )
    assert answer.status_code == 204, answer.text


def statements(endpoint: str, registration: str) -> list[Any]:
    answer = httpx.get(
        f"{endpoint}statements",
        params={"registration": registration, "ascending": "true"},
        headers=VERSION,
        auth=(KEY, SECRET),
    )
    found: list[Any] = answer.json()["statements"]
    return found


def test_an_au_runs_a_whole_session(endpoint: str, lms: str, chromium: Browser) -> None:
    registration, session = str(uuid.uuid4()), str(uuid.uuid4())
    put_launch_data(endpoint, registration, session)
    launch = urlencode(
        {
            "endpoint": endpoint,
            "fetch": f"{lms}/fetch",
            "actor": json.dumps({"objectType": "Agent", **ACTOR}),
            "registration": registration,
            "activityId": AU,
        }
    )
    errors: list[str] = []
    with chromium.new_context() as context:
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{lms}/au.html?{launch}")
        assert page.evaluate(SESSION) == "CompletedAndPassed"
    assert errors == []

    sent = statements(endpoint, registration)
    verbs = [item["verb"]["id"].rpartition("/")[2] for item in sent]
    assert verbs == [
        "initialized",
        "progressed",
        "answered",
        "completed",
        "passed",
        "terminated",
    ]
    for item in sent:
        assert item["actor"]["account"] == ACTOR["account"]
        assert item["context"]["extensions"][f"{CMI5}/extensions/sessionid"] == session
