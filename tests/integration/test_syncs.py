"""What ``lrs worker`` takes by schedules: each tenant's, whatever one of them does."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.workforce import schedules
from analytics.workforce.schedules import Schedules
from lrs.services import Services
from lrs.syncs import Syncs
from tests.conftest import run_lrs
from tests.landings import deliver, moved

FIELDS = """
[fields]
Number = "employee_id"
Hired = "hire_date"
Unit = "org_unit_id"
[schedule]
cron = "* * * * *"
[source]
"""


@pytest.fixture
def hris(services: Services, tmp_path: Path) -> Services:
    folder = tmp_path / "hris"
    folder.mkdir()
    return replace(services, settings=replace(services.settings, hris_dir=folder))


def a_source(services: Services, name: str, *more: str, people: int = 1) -> Path:
    """Write a mapping, and a delivery in its landing folder."""
    folder = services.settings.hris_dir
    lines = ['type = "folder"', f'path = "{name}"', *more]
    (folder / f"{name}.toml").write_text(FIELDS + "\n".join(lines))
    (folder / name).mkdir()
    rows = "".join(f"{name}{n},2024-01-01,OPS\n" for n in range(people))
    files = {"people.csv": f"Number,Hired,Unit\n{rows}".encode()}
    deliver(folder / name, 1, files=files, records=people, source=name)
    return folder / f"{name}.toml"


def people(services: Services, tenant: str) -> set[str]:
    ledger = services.analytics().ledger
    batches = ledger.rows(tenant, "workforce")
    return {row["employee_id"] for batch in batches for row in batch}


def until(true: Callable[[], object], turn: Callable[[], None] = lambda: None) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        turn()
        time.sleep(0.02)


def test_each_source_is_taken_for_the_tenant_that_it_names(hris: Services) -> None:
    a_source(hris, "one")
    a_source(hris, "two", 'tenant = "acme"')
    a_source(hris, "three", 'tenant = "Not a name"')
    stop = threading.Event()
    syncs = Syncs(hris, hris.analytics(), stop)
    walks = hris.analytics().walks
    until(lambda: len(walks.all()) == 2 and not syncs.is_at_work, syncs.turn)
    assert people(hris, "default") == {"one0"}
    assert people(hris, "acme") == {"two0"}
    assert {place: walk.why for place, walk in walks.all().items()} == {
        ("default", "one"): None,
        ("acme", "two"): None,
    }


def test_a_source_of_one_tenant_is_taken_for_no_other(hris: Services) -> None:
    a_source(hris, "two", 'tenant = "acme"')
    asked = ("workforce", "sync", "two")
    done = run_lrs(hris.settings, *asked, "--tenant", "default", check=False)
    assert done.returncode == 1
    assert "source.tenant is acme: its people are nobody else's." in done.stderr
    run_lrs(hris.settings, *asked)
    assert people(hris, "acme") == {"two0"}


def test_a_source_that_hangs_does_not_hold_up_the_others(hris: Services) -> None:
    folder = hris.settings.hris_dir
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sftp = [
            *('type = "sftp"', 'host = "127.0.0.1"', 'user = "hr"', 'path = "/"'),
            f"port = {silent.getsockname()[1]}",
            f'host_key = "SHA256:{"A" * 43}"',
            *('secrets_file = "secrets"', "timeout_seconds = 600"),
        ]
        secrets = folder / "secrets"
        secrets.write_text('password = "x"')
        secrets.chmod(0o600)
        (folder / "hangs.toml").write_text(FIELDS + "\n".join(sftp))
        stop = threading.Event()
        syncs = Syncs(hris, hris.analytics(), stop, patience=0.5)
        syncs.turn()
        until(lambda: hris.analytics().walks.last("default", "hangs"))
        for name in ("one", "two"):
            a_source(hris, name)
        until(lambda: people(hris, "default") == {"one0", "two0"}, syncs.turn)
        # Nobody begins it again beside itself.
        assert ("default", "hangs") in syncs.at_work


def test_a_walk_ends_when_the_worker_does_and_is_due_again(hris: Services) -> None:
    a_source(hris, "one", people=30_000)
    stop = threading.Event()
    syncs = Syncs(hris, hris.analytics(), stop)
    syncs.turn()
    at = hris.analytics().ledger.collections
    until(lambda: at.rows.find_one())
    stop.set()
    syncs.end()
    assert not syncs.is_at_work
    assert at.rows.find_one() is None
    assert people(hris, "default") == set()
    again = Syncs(hris, hris.analytics(), threading.Event())
    until(lambda: len(people(hris, "default")) == 30_000, again.turn)
    until(lambda: moved(hris.settings.hris_dir / "one", "taken"))


def test_a_mapping_is_read_again_when_it_changed(
    hris: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    really = schedules.load_mapping

    def load(path: Path) -> object:
        read.append(path.name)
        return really(path)

    monkeypatch.setattr(schedules, "load_mapping", load)
    path = a_source(hris, "one")
    found = Schedules(hris.settings.hris_dir)

    def told() -> list[str | None]:
        now = hris.analytics().walks.all()
        return [due.wrong for due in found.due(now, schedules.datetime.datetime.now())]

    assert [told(), told()] == [[None], [None]]
    assert read == ["one.toml"]
    former, content = path.stat(), path.read_text()
    path.write_text(content.replace("cron", "crom"))
    os.utime(path, ns=(former.st_atime_ns, former.st_mtime_ns))  # as long, as old
    assert "crom" in str(told())
    assert told() == told()
    path.unlink()
    assert told() == []
    assert read == ["one.toml"] * 2
