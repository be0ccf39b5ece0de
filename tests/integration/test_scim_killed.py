"""kill -9 of servers that a provider talks to, and of syncs: nothing lost or twice."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from lrs.access import Scope, bearer_token
from lrs.services import Services
from tests.conftest import ROOT, environment_of, free_port, running, wait_until_ready
from tests.contract.provisioning import ENTERPRISE, MEDIA_TYPE, PATCH, a_user
from tests.fakes.syncing import Hris
from tests.programs import start

pytestmark = pytest.mark.long


class Sending(threading.Thread):
    """A provider that creates people and changes them, whatever breaks off."""

    def __init__(self, url: str, token: str, seed: int) -> None:
        super().__init__(daemon=True)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": MEDIA_TYPE}
        self.http = httpx.Client(base_url=f"{url}/scim/v2", headers=headers, timeout=30)
        self.seed = seed
        self.acknowledged: dict[str, str] = {}  # by id: the title
        self.unanswered: set[str] = set()  # titles that may be there
        self.statuses: set[int] = set()
        self.stop = threading.Event()

    def run(self) -> None:
        drawn, number = random.Random(self.seed), 0
        while not self.stop.is_set():
            number += 1
            title = f"{self.seed} {number}"
            known = list(self.acknowledged)
            if known and drawn.random() < 0.5:
                user = drawn.choice(known)
                change = {"op": "Replace", "path": "title", "value": title}
                body: Any = {"schemas": [PATCH], "Operations": [change]}
                self.send("PATCH", f"/Users/{user}", body, title)
            else:
                number_of = {"employeeNumber": f"{self.seed}-{number}"}
                body = a_user(f"u{self.seed}.{number}", title=title)
                self.send("POST", "/Users", body | {ENTERPRISE: number_of}, title)

    def send(self, method: str, path: str, body: Any, title: str) -> None:
        self.unanswered.add(title)
        try:
            answer = self.http.request(method, path, json=body)
        except httpx.TransportError:
            time.sleep(0.05)
            return
        self.statuses.add(answer.status_code)
        if answer.status_code in (200, 201):
            user = answer.json()
            self.acknowledged[user["id"]] = user["title"]
            self.unanswered.discard(title)


def test_what_a_killed_server_has_acknowledged_is_there_and_is_synced(
    services: Services, tmp_path: Path
) -> None:
    hris = Hris(services, tmp_path / "hris", "scim")
    hris.write((ROOT / "config" / "hris" / "scim.toml").read_text())
    token = bearer_token(*services.credentials.add("default", [Scope.SCIM]))
    bound = replace(
        services.settings,
        bind=f"127.0.0.1:{free_port()}",
        workers=2,
        hris_dir=hris.folder,
    )
    with running(bound, "serve", log=tmp_path / "serve.log") as server:
        url = f"http://{bound.bind}"
        wait_until_ready(url, tmp_path / "serve.log")
        senders = [Sending(url, token, seed) for seed in (1, 2)]
        for sender in senders:
            sender.start()
        for _ in range(2):
            time.sleep(0.6)
            kill_a_worker(server.pid)
            kill_a_sync(bound, tmp_path / "sync.log")
        for sender in senders:
            sender.stop.set()
        for sender in senders:
            sender.join(60)
            sender.http.close()
            assert sender.statuses <= {200, 201, 503}
            assert len(sender.acknowledged) > 10
        check(services, senders, url, token)
    check_changes(services)
    hris.sync()
    told = {str(row["employee_id"]): row["job_title"] for row in hris.rows().values()}
    for sender in senders:
        for user, title in sender.acknowledged.items():
            row = services.database["scim_users"].find_one({"_id.id": user})
            assert row is not None
            now = told[row["told"]["employeeNumber"]]
            assert now == title or now in sender.unanswered
    before = hris.rows()
    hris.sync(take_all=True)
    assert {key: row["run"] for key, row in hris.rows().items()} == {
        key: row["run"] for key, row in before.items()
    }


def check(services: Services, senders: list[Sending], url: str, token: str) -> None:
    """All that was acknowledged stands there, or what was sent after it."""
    for sender in senders:
        headers = {"Authorization": f"Bearer {token}"}
        for user, title in sender.acknowledged.items():
            found = httpx.get(f"{url}/scim/v2/Users/{user}", headers=headers).json()
            assert found["title"] == title or found["title"] in sender.unanswered


def check_changes(services: Services) -> None:
    """The numbers of changes have no gap, and each user's last change is the user."""
    rows = list(services.database["scim_changes"].find().sort("_id.n", 1))
    assert [row["_id"]["n"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)
    last = {row["id"]: row for row in rows}
    for user in services.database["scim_users"].find():
        row = last.pop(user["_id"]["id"])
        assert (row["user"], row["_id"]["n"]) == (user["user"], user["version"])
    assert not last


def kill_a_worker(server: int) -> None:
    found = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    os.kill(int(random.choice(found)), signal.SIGKILL)


def kill_a_sync(settings: Any, log: Path) -> None:
    """Begin a sync and kill it somewhere on its way."""
    command, environment = ("workforce", "sync", "scim"), environment_of(settings)
    with log.open("ab") as out:
        process = start(command, environment, out, out, session=True)
    time.sleep(random.uniform(0.5, 1.6))
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(20)
