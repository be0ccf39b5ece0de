"""SIGTERM and SIGHUP under load: what was taken is answered, then the process ends.

TEST_DRAIN_ROUNDS (1) is how often each is done, for longer runs.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest

from lrs.services import Services
from tests.builders import a_statement
from tests.integration import wire
from tests.integration.lakes import record
from tests.soak.draining import drain, serving
from tests.soak.server import Program, Server
from tests.soak.traffic import Client

pytestmark = pytest.mark.long

ROUNDS = int(os.environ.get("TEST_DRAIN_ROUNDS", "1"))
GRACE = 30  # seconds, as config/gunicorn.py has it


def connect(server: Server) -> socket.socket:
    address = urlsplit(server.url)
    assert address.hostname
    assert address.port
    return socket.create_connection((address.hostname, address.port), timeout=30)


def test_no_request_fails_while_servers_are_restarted_and_reloaded(
    services: Services, tmp_path: Path
) -> None:
    with serving(services, tmp_path, 2) as servers:
        figures = drain(servers, ROUNDS, print)
    assert figures.refused == 0


def test_what_is_on_its_way_is_answered_before_the_end(
    services: Services, tmp_path: Path
) -> None:
    batch = [a_statement() for _ in range(2000)]
    body = orjson.dumps(batch)
    request = wire.usual(b"POST /xapi/statements", wire.JSON, body=body)
    with (
        serving(services, tmp_path, 1) as [server],
        connect(server) as whole,
        connect(server) as half,
        Client([server.url]) as idle,
    ):
        assert idle.send("GET", "/xapi/statements").status_code == 200
        half.sendall(request[:-1000].replace(batch[0]["id"].encode(), b"0" * 36))
        whole.sendall(request)
        time.sleep(0.2)
        server.tell(signal.SIGTERM)
        time.sleep(0.5)
        half.sendall(request[-1000:])
        answers = [*wire.answers(whole), *wire.answers(half)]
        # The second has an id that is none: it was read and answered, that counts.
        assert [answer.status for answer in answers] == [200, 400]
        assert server.wait(GRACE) == 0, "an idle connection holds it up"


def heeds_sigterm(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


def test_the_worker_ends_in_order_and_leaves_its_leases(
    services: Services, tmp_path: Path
) -> None:
    worker = Program(services.settings, tmp_path / "worker.log", "worker")
    for moment in (0.0, 0.3, 1.5):  # it has just begun, is at work, or waits
        record(services, "default", [a_statement() for _ in range(50)])
        worker.start()
        end = time.monotonic() + 60
        while not heeds_sigterm(worker.pid):
            assert time.monotonic() < end
            time.sleep(0.01)
        time.sleep(moment)
        worker.tell(signal.SIGTERM)
        assert worker.wait(GRACE) == 0
        for lease in services.database["leases"].distinct("_id"):
            with services.leases.hold(lease):  # LeaseTaken, were it left behind
                pass
    assert "Traceback" not in worker.log.read_text()
