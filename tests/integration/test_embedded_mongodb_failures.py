"""What can be missing for the embedded MongoDB: one sentence that says what to do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrs.errors import SetupError
from lrs.store.embedded import attach, find_mongod
from lrs.store.embedded_folder import EXCLUSIVE, Folder
from lrs.store.embedded_keeper import free_port
from lrs.store.embedded_mongod import explain

ROOT = Path(__file__).parents[2]
LOADER = (
    "mongod: error while loading shared libraries: libcurl.so.4:"
    " cannot open shared object file: No such file or directory"
)


def sentence(data: Path, *, least_free: int = 0) -> str:
    """Attach, which must fail, and leave neither a process nor a lock behind."""
    with pytest.raises(SetupError) as raised:
        attach(data, least_free=least_free).close()
    message = raised.value.message
    assert message.endswith(".")
    assert "\n" not in message
    folder = Folder(data / "mongodb")
    if folder.root.is_dir():
        for _ in range(100):  # the keeper ends just after it has answered
            if folder.is_free("keeper", EXCLUSIVE):
                break
            time.sleep(0.02)
        for name in ("start", "users", "keeper", "data"):
            assert folder.is_free(name, EXCLUSIVE), name
    return message


def a_mongod(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program called mongod first on the PATH."""
    program = folder / "bin" / "mongod"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "tiny"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(place)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_no_mongod_for_this_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    message = sentence(tmp_path)
    assert "pip install 'workforce-lrs[embedded]'" in message
    assert "LRS_MONGODB_URI" in message


def test_the_extras_mongod_is_given_its_run_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = tmp_path / "fiftyone" / "db" / "bin" / "mongod"
    packaged.parent.mkdir(parents=True)
    packaged.write_text("")
    packaged.chmod(0o644)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    assert find_mongod() == packaged
    assert os.access(packaged, os.X_OK)
    # Where it cannot be given one, it is copied.
    packaged.chmod(0o644)

    def refuse(path: Path, mode: int) -> None:
        if path == packaged:
            raise PermissionError(1, "not yours")
        os.chmod(path, mode)

    monkeypatch.setattr(Path, "chmod", refuse)
    assert find_mongod(tmp_path) == tmp_path / "mongod"
    assert os.access(tmp_path / "mongod", os.X_OK)


def test_the_data_are_in_use_by_a_mongod_started_by_hand(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "mongodb")
    folder.prepare()
    options = ["--bind_ip", "127.0.0.1", "--nounixsocket", "--quiet"]
    by_hand = subprocess.Popen(
        [find_mongod(), "--port", str(free_port(0)), "--dbpath", folder.db, *options],
        stdout=subprocess.PIPE,
    )
    assert by_hand.stdout is not None
    try:
        while b"Waiting for connections" not in by_hand.stdout.readline():
            assert by_hand.poll() is None
        assert "Another MongoDB server uses the data folder" in sentence(tmp_path)
    finally:
        by_hand.terminate()
        by_hand.communicate()


def test_too_little_room_is_said_before_anything_is_started(tmp_path: Path) -> None:
    assert "is full: free at least 500 MB" in sentence(tmp_path, least_free=1 << 60)
    assert not (tmp_path / "mongodb" / "mongod.log").exists()


def test_a_disk_that_runs_full_while_starting(tiny_disk: Path) -> None:
    assert "is full: free at least 500 MB" in sentence(tiny_disk)


def test_the_data_folder_is_not_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    message = sentence(tmp_path / "file" / "data")
    assert "cannot be written (Not a directory)" in message
    assert "LRS_DATA_DIR" in message


def test_the_data_folder_may_not_be_written() -> None:
    # The kernel's: nobody may make a folder there, not even root.
    assert "cannot be written" in sentence(Path("/proc/workforce-lrs"))


def test_the_data_were_written_by_a_newer_mongodb(tmp_path: Path) -> None:
    attach(tmp_path, least_free=0).close()
    turtle = Folder(tmp_path / "mongodb").db / "WiredTiger.turtle"
    text = turtle.read_bytes()
    assert b"version=(major=" in text
    turtle.write_bytes(text.replace(b"version=(major=", b"version=(major=9"))
    assert "written by another version of MongoDB" in sentence(tmp_path)


def test_a_missing_library_is_named_with_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_mongod(tmp_path, f"echo '{LOADER}' >&2; exit 127", monkeypatch)
    assert "libcurl.so.4: run apt-get install libcurl4" in sentence(tmp_path)


def test_a_mongod_that_cannot_be_executed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_mongod(tmp_path, "", monkeypatch)
    (tmp_path / "bin" / "mongod").write_bytes(b"\x7fELF of another machine")
    assert "cannot be started ([Errno 8] Exec format error" in sentence(tmp_path)


def test_a_keeper_that_cannot_start_names_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert "keeper.log says why" in sentence(tmp_path)


@pytest.mark.parametrize(
    ("code", "log", "expected"),
    [
        (48, "", "Every loopback port that was tried is busy"),
        (62, "", "written by another version"),
        (-4, "", "need AVX"),
        (1, "Unable to create lock file: Permission denied", "may not write"),
        (14, "write: errno 28: No space left on device", "is full"),
        (77, "", "ended with code 77"),
    ],
)
def test_every_end_of_mongod_has_its_sentence(
    tmp_path: Path, code: int, log: str, expected: str
) -> None:
    message = explain(code, log, Folder(tmp_path))
    assert expected in message
    assert "LRS_" in message
