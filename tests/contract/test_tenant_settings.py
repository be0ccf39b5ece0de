"""``lrs tenants``: settings that running servers see; what an import does with them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from config.settings import Settings
from lrs.cli import main
from lrs.services import Services
from lrs.tenants import Cmi5Mode, Tenant
from tests.builders import a_statement
from tests.cmi5_builders import a_cmi5_statement, a_session
from tests.conftest import KEY, SECRET, environment_of

BROKEN = {"result/success": False}


@dataclass
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Lrs = Callable[..., Done]


@pytest.fixture
def lrs(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Lrs:
    """Run a command in this process: a process of its own takes seconds."""
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    # The log would go on to write where pytest listens now, after this test too.
    monkeypatch.setattr("lrs.logs.configure", lambda _level: None)

    def run(*command: str) -> Done:
        monkeypatch.setattr("sys.argv", ["lrs", *command])
        capsys.readouterr()
        status = 0
        try:
            main()
        except SystemExit as ended:
            status = int(ended.code or 0)
        return Done(status, *capsys.readouterr())

    return run


def lines(done: Done) -> list[list[str]]:
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


def test_tenants_are_listed_with_the_mode_in_force(
    services: Services, lrs: Lrs
) -> None:
    assert lines(lrs("tenants", "list")) == [["default", "warn", "default"]]
    done = lrs("tenants", "put", "acme", "--cmi5-mode", "enforce")
    assert (done.returncode, done.stdout) == (0, "")
    assert "enforce" in done.stderr
    lrs("tenants", "put", "acme")  # nothing given: nothing changes
    assert lines(lrs("tenants", "list")) == [
        ["acme", "enforce", "set"],
        ["default", "warn", "default"],
    ]
    done = lrs("tenants", "put", "acme", "--cmi5-mode", "default")
    assert "warn" in done.stderr
    assert lines(lrs("tenants", "list"))[0] == ["acme", "warn", "default"]


def test_a_name_that_no_tenant_can_have_is_refused(lrs: Lrs) -> None:
    done = lrs("tenants", "put", "Acme!")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: A tenant's name has ")


def test_a_running_server_sees_a_new_mode(
    services: Services, lrs: Lrs, server: str
) -> None:
    with httpx.Client(
        base_url=server,
        auth=(KEY, SECRET),
        headers={"X-Experience-API-Version": "1.0.3"},
    ) as client:

        def until(status: int) -> None:
            # Two workers, each with its own memory: several answers in a row.
            end, seen = time.monotonic() + 60, 0
            while seen < 12:
                assert time.monotonic() < end
                sent = a_cmi5_statement("passed", BROKEN)
                answer = client.post("/xapi/statements", json=sent)
                seen = seen + 1 if answer.status_code == status else 0
                if not seen:
                    time.sleep(0.1)  # of the seconds that a worker remembers

        until(200)
        lrs("tenants", "put", "default", "--cmi5-mode", "enforce")
        until(403)
        lrs("tenants", "put", "default", "--cmi5-mode", "default")
        until(200)


@pytest.mark.parametrize("mode", [Cmi5Mode.OFF, Cmi5Mode.ENFORCE])
def test_an_import_is_never_refused_by_a_rule_of_cmi5(
    services: Services, lrs: Lrs, tmp_path: Path, mode: Cmi5Mode
) -> None:
    services.tenants.put(Tenant("default", mode))
    broken = a_cmi5_statement("passed", BROKEN)
    file = tmp_path / "history.ndjson"
    file.write_text(
        "".join(
            json.dumps(item) + "\n" for item in [*a_session(), broken, a_statement()]
        )
    )
    done = lrs("statements", "import", str(file))
    assert done.returncode == 0, done.stderr
    assert "9 new" in done.stderr
    done = lrs("statements", "cmi5-violations")
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    if mode is Cmi5Mode.OFF:
        assert found == []
        return
    (only,) = found
    assert set(only) == {"statement_id", "stored", "violations"}
    assert only["statement_id"] == broken["id"]
    assert [item["path"] for item in only["violations"]] == ["result.success"]


def test_violations_of_a_tenant_are_listed_the_newest_first(
    services: Services, lrs: Lrs, tmp_path: Path
) -> None:
    sent = [a_cmi5_statement("passed", BROKEN) for _ in range(3)]
    file = tmp_path / "history.json"
    file.write_text(json.dumps(sent))
    lrs("statements", "import", str(file), "--tenant", "acme")
    assert lrs("statements", "cmi5-violations").stdout == ""
    done = lrs("statements", "cmi5-violations", "--tenant", "acme")
    ids = [json.loads(line)["statement_id"] for line in done.stdout.splitlines()]
    assert ids == [item["id"] for item in reversed(sent)]
