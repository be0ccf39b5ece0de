"""A disk that runs full under its writers: 503, a clear word, no loss, and back again.

The embedded MongoDB on a real, small file system. TEST_FAULT_ROUNDS (1) fills it again
and again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config.settings import Settings
from lrs.store.embedded_folder import Folder
from tests.integration.faulty import PATIENCE, check, served, with_credential
from tests.integration.sending import Sent, sending
from tests.integration.small_disk import NotAllowed, SmallDisk, small_disk

ROUNDS = int(os.environ.get("TEST_FAULT_ROUNDS", "1"))
_ROOMY = 2 << 30


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    try:
        with small_disk(tmp_path / "disk", _ROOMY) as made:
            yield made
    except NotAllowed:
        pytest.skip("mounting a small disk needs root")


def test_a_disk_that_runs_full_under_load_loses_nothing(
    settings: Settings, disk: SmallDisk, tmp_path: Path
) -> None:
    own = replace(
        settings,
        mongodb_uri=None,
        data_dir=disk.folder,
        lake_url=str(tmp_path / "lake"),
        database_seconds=5,
    )
    with_credential(own)
    sent = Sent()
    keeper = Folder(disk.folder / "mongodb")
    with served(own, tmp_path) as server:
        assert "warnings" not in server.ready()[1]["mongodb"]
        for _ in range(ROUNDS):
            with sending(server.post) as load:
                load.wait_for(10)
                disk.leave(1 << 20)
                said = server.ready()[1]["mongodb"]
                assert "nearly full" in said["warnings"][0]
                said = server.wait_until(503)["mongodb"]
                server.lives()
                refused = len(load.unanswered)
                wait_for_reason(keeper)
                said = server.wait_until(503)["mongodb"]
                assert "is full: free at least 500 MB" in said["reason"]
                disk.leave(_ROOMY)
                server.wait_until(200)
                load.wait_for(20)
            assert len(load.unanswered) > refused
            for batch in load.unanswered[:5]:
                server.insist(batch)
            sent.acknowledged += load.acknowledged
            sent.unanswered += load.unanswered
        # Ready again, MongoDB may still be slow over what it has to catch up with.
        server.insist_on_reading()
        check(server, sent)
        assert not server.broken
    log = keeper.keeper_log.read_text()
    assert "is started again when there is room" in log
    # It is not tried again and again while there is no room.
    assert log.count("is full") <= 8 * ROUNDS


def wait_for_reason(folder: Folder) -> None:
    end = time.monotonic() + PATIENCE
    while not folder.told():
        assert time.monotonic() < end, folder.keeper_log.read_text()
        time.sleep(0.1)
