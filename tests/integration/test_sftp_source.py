"""A landing folder over SFTP: known hosts, sign-in, cuts, slowness, lost answers."""

from __future__ import annotations

import base64
import getpass
import hashlib
import os
import random
import shutil
import socket
import subprocess
import time
from pathlib import Path

import paramiko
import pytest

from analytics.workforce.sources.configured import source_of
from analytics.workforce.sources.sftp import pieces_of
from config.settings import hris_secrets
from lrs.errors import BadRequest, SetupError, Unavailable
from tests.landings import CSV, deliver, landed, moved, reasons, walk
from tests.sftp_server import PASSWORD, USER, sftp_server

SECRETS = {"password": PASSWORD}


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "served"
    (folder / "landing").mkdir(parents=True)
    with sftp_server(folder) as running:
        (tmp_path / "known_hosts").write_text(running.known_hosts)
        yield running


@pytest.fixture
def folder(server):
    return server.folder / "landing"


@pytest.fixture
def source(server, tmp_path):
    def configured(secrets=SECRETS, **changed):
        table = {
            "type": "sftp",
            "host": "127.0.0.1",
            "port": server.port,
            "user": USER,
            "path": "/landing",
            "known_hosts": "known_hosts",
            "timeout_seconds": 20,
        } | changed
        table = {key: value for key, value in table.items() if value is not None}
        return source_of(table, "acme", tmp_path, secrets)

    return configured


def fingerprint(key: paramiko.PKey) -> str:
    digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode()
    return f"SHA256:{digest.rstrip('=')}"


def test_deliveries_are_taken_refused_and_wait_as_in_a_folder_here(source, folder):
    deliver(folder, 1)
    deliver(folder, 2, records=9)
    deliver(folder, 3)
    deliver(folder, 4, mode="full")
    deliver(folder, 5)
    (folder / "people-5.csv").unlink()
    deliver(folder, 6, source="other")
    seen, notices = walk(source())
    assert [number for number, *_ in seen] == [1, 4]
    assert [cells["name"] for *_, cells in seen[0][3]] == ["Ann", "Bob"]
    assert [notice.kind for notice in notices] == ["refused", "gap", "waiting"]
    assert "has 2 records where its manifest says 9" in reasons(folder)
    assert "source is not acme" in reasons(folder)
    assert len(moved(folder, "taken")) == 4
    assert "people-2.csv" in moved(folder, "refused")
    seen, notices = walk(source())
    assert [notice.kind for notice in notices] == ["repeat", "waiting"]


def test_links_are_refused(source, folder, server):
    deliver(folder, 1, files={"link.csv": CSV})
    (folder / "link.csv").unlink()
    (server.folder / "secret.csv").write_bytes(CSV)
    (folder / "link.csv").symlink_to(server.folder / "secret.csv")
    assert walk(source())[0] == []
    assert "link.csv is not a file" in reasons(folder)


def test_a_host_is_known_by_its_fingerprint_too(source, folder, server):
    deliver(folder, 1)
    known = source(known_hosts=None, host_key=fingerprint(server.key))
    assert len(walk(known)[0]) == 1


@pytest.mark.parametrize("by", ["known_hosts", "host_key", "nothing"])
def test_a_host_with_another_key_hears_nothing_from_us(
    source, server, tmp_path, folder, by
):
    other = paramiko.ECDSAKey.generate()
    if by == "host_key":
        wrong = source(known_hosts=None, host_key=fingerprint(other))
    else:
        server_key, server.key = server.key, other
        text = server.known_hosts if by == "known_hosts" else ""
        (tmp_path / "known_hosts").write_text(text)
        server.key = server_key
        wrong = source()
    deliver(folder, 1)
    with pytest.raises(SetupError, match="a host key that is not the known one"):
        walk(wrong)
    assert server.logins == 0
    assert (tmp_path / "known_hosts").read_text() == (
        server.known_hosts if by == "host_key" else text
    )


def test_a_wrong_password_is_tried_once_and_not_told(source, server):
    with pytest.raises(SetupError, match="refuses the user") as caught:
        walk(source({"password": "0pensesame"}))
    assert server.logins == 1
    assert "0pensesame" not in str(caught.value)


@pytest.mark.parametrize("passphrase", [None, "swordfish"])
def test_a_private_key_signs_in(source, server, tmp_path, folder, passphrase):
    server.client_key = key = paramiko.ECDSAKey.generate()
    path = tmp_path / "key"
    key.write_private_key_file(str(path), password=passphrase)
    deliver(folder, 1)
    secrets = {"passphrase": passphrase} if passphrase else {}
    assert len(walk(source(secrets, private_key="key"))[0]) == 1
    if passphrase:
        with pytest.raises(SetupError, match="passphrase is missing or wrong"):
            walk(source({}, private_key="key"))
        with pytest.raises(SetupError, match="passphrase is missing or wrong"):
            walk(source({"passphrase": "x"}, private_key="key"))
    path.chmod(0o644)
    with pytest.raises(SetupError, match="is open to others"):
        source(secrets, private_key="key")


def big() -> bytes:
    lines = [f"{n},{random.Random(n).random()}" for n in range(60_000)]
    return ("employee_id,name\n" + "\n".join(lines) + "\n").encode()


def test_a_file_that_is_cut_in_the_middle_is_read_again(source, server, folder):
    deliver(folder, 1, files={"people.csv": big()}, records=60_000)
    server.cuts, server.cut_after = 2, 500_000
    seen, notices = walk(source())
    assert [len(records) for *_, records in seen] == [60_000]
    assert notices == []
    assert server.connections == 3
    assert "people.csv" in moved(folder, "taken")


def test_a_line_that_is_cut_again_and_again_is_told(source, server, folder):
    deliver(folder, 1, files={"people.csv": big()}, records=60_000)
    server.cuts, server.cut_after = 1_000, 500_000
    with pytest.raises(Unavailable, match="broke the connection off"):
        walk(source())
    assert landed(folder) == ["1.manifest.json", "people.csv"]
    server.cuts = 0
    assert len(walk(source())[0]) == 1


def test_a_cut_is_told_to_the_reader_and_prints_no_traceback(server, folder):
    (folder / "big.csv").write_bytes(big())
    with paramiko.Transport(("127.0.0.1", server.port)) as transport:
        transport.connect(username=USER, password=PASSWORD)
        sftp = paramiko.SFTPClient.from_transport(transport)
        with sftp.open("/landing/big.csv") as file:
            pieces = pieces_of(file, 10_000_000)
            transport.sock.close()
            with pytest.raises((paramiko.SSHException, OSError)):
                next(pieces)


@pytest.mark.parametrize("fault", ["silent", "mute"])
def test_a_server_that_says_nothing_is_not_waited_for(source, server, folder, fault):
    setattr(server, fault, True)
    began = time.monotonic()
    with pytest.raises(Unavailable, match=r"answers too slowly|broke the connection"):
        walk(source(timeout_seconds=1))
    assert time.monotonic() - began < 60


def test_a_server_that_drips_is_not_waited_for(source, server, folder):
    deliver(folder, 1, files={"people.csv": big()}, records=60_000)
    server.drip = 1.5
    with pytest.raises(Unavailable, match="answers too slowly"):
        walk(source(timeout_seconds=1))
    assert landed(folder) == ["1.manifest.json", "people.csv"]


def test_nobody_there_is_told(source, server):
    with pytest.raises(Unavailable, match="cannot be reached"):
        walk(source(port=1))


def test_a_missing_folder_is_told(source):
    with pytest.raises(SetupError, match="has no folder /none"):
        walk(source(path="/none"))


def test_a_folder_that_is_not_ours_to_change_is_told(source, folder):
    if os.geteuid() == 0:
        (folder / "taken").write_text("in the way")
    else:
        folder.chmod(0o500)
    deliver(folder, 1)
    with pytest.raises((SetupError, Unavailable)):
        walk(source())


@pytest.mark.parametrize("renames", [1, 2, 3])
def test_a_rename_whose_answer_is_lost_is_ended_by_the_next_walk(
    source, server, folder, renames
):
    deliver(folder, 1)
    for _ in range(renames):
        server.lost_renames = 1
        with pytest.raises(Unavailable):
            walk(source())
        if not landed(folder):
            break
    server.lost_renames = 0
    assert walk(source()) == ([], [])
    assert landed(folder) == []
    assert moved(folder, "taken") == ["1.manifest.json", "people-1.csv"]


# -- the table of a mapping -------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"type": "ftp"}, "source.type is not one of: folder, sftp"),
        ({"type": None}, "source.type is missing"),
        ({"type": "folder"}, "source.host is unknown"),
        ({"host": "a b"}, "source.host is not a host's name"),
        ({"host": None}, "source.host is missing"),
        ({"user": ""}, "source.user is not text"),
        ({"path": 5}, "source.path is not text"),
        ({"port": 0}, "source.port is not a whole number from 1 to 65535"),
        ({"port": "22"}, "source.port is not a whole number"),
        ({"port": True}, "source.port is not a whole number"),
        ({"timeout_seconds": 0}, "source.timeout_seconds is not a number from 1 to"),
        ({"timeout_seconds": float("nan")}, "source.timeout_seconds is not a number"),
        ({"settle_seconds": -1}, "source.settle_seconds is not a number from 0"),
        ({"known_hosts": None}, "source.known_hosts or host_key is needed"),
        ({"host_key": "SHA256:" + "a" * 43}, "only one of them"),
        ({"known_hosts": None, "host_key": "md5:x"}, "source.host_key is not SHA256"),
        ({"password": "x"}, "source.password is a secret"),
        ({"colour": "red"}, "source.colour is unknown"),
    ],
)
def test_a_wrong_table_is_refused_with_the_key(source, changed, said):
    with pytest.raises(BadRequest) as caught:
        source(**changed)
    assert caught.value.message.startswith("mapping acme, source.")
    assert said in caught.value.message


def test_a_table_that_is_none_is_refused(tmp_path):
    with pytest.raises(BadRequest, match="source is not a table"):
        source_of("here", "acme", tmp_path, {})


def test_a_password_stands_in_the_environment_or_in_a_file_of_its_owner(
    source, tmp_path, folder
):
    with pytest.raises(SetupError, match="set LRS_HRIS_ACME_PASSWORD, or"):
        source({})
    assert hris_secrets("acme-north", {"LRS_HRIS_ACME_NORTH_PASSWORD": "x"}) == {
        "password": "x"
    }
    assert hris_secrets("acme", {}) == {}
    path = tmp_path / "secrets.toml"
    path.write_text(f'password = "{PASSWORD}"\n')
    path.chmod(0o640)
    with pytest.raises(SetupError, match="is open to others"):
        source({}, secrets_file="secrets.toml")
    path.chmod(0o600)
    deliver(folder, 1)
    assert len(walk(source({}, secrets_file="secrets.toml"))[0]) == 1
    for wrong in ("password = 5", "token = 'x'", "passw", "password = ''"):
        path.write_text(wrong)
        with pytest.raises(SetupError, match="secrets"):
            source({}, secrets_file="secrets.toml")


def test_known_hosts_that_cannot_be_read_are_told(source, tmp_path):
    with pytest.raises(SetupError, match=r"known_hosts of .* cannot be read"):
        walk(source(known_hosts="none"))


def test_a_password_is_never_shown(source):
    assert PASSWORD not in repr(source())


# -- OpenSSH ----------------------------------------------------------------------

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
"""


@pytest.mark.skipif(SSHD is None, reason="no sshd of OpenSSH on this machine")
def test_the_server_of_openssh_is_spoken_to(tmp_path):
    folder = tmp_path / "landing"
    folder.mkdir()
    host, own = paramiko.ECDSAKey.generate(), paramiko.ECDSAKey.generate()
    host.write_private_key_file(str(tmp_path / "host_key"))
    own.write_private_key_file(str(tmp_path / "key"))
    own_line = f"{own.get_name()} {own.get_base64()}\n"
    (tmp_path / "authorized").write_text(own_line)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "config").write_text(CONFIG.format(port=port, folder=tmp_path))
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # it demands this where root starts it
    table = {
        "type": "sftp",
        "host": "127.0.0.1",
        "port": port,
        "user": getpass.getuser(),
        "path": str(folder),
        "host_key": fingerprint(host),
        "private_key": "key",
    }
    source = source_of(table, "acme", tmp_path, {})
    deliver(folder, 1, mode="full", files={"people.csv": big()}, records=60_000)
    deliver(folder, 2, records=9)
    deliver(folder, 3, mode="full", files={"link.csv": CSV})
    (folder / "link.csv").unlink()
    (folder / "link.csv").symlink_to("/etc/passwd")
    command = [SSHD, "-D", "-e", "-f", tmp_path / "config"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as sshd:
        try:
            for _ in range(100):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            seen, notices = walk(source)
        finally:
            sshd.terminate()
    assert [(number, len(records)) for number, *_, records in seen] == [(1, 60_000)]
    assert [notice.kind for notice in notices] == ["refused"]
    assert "has 2 records where its manifest says 9" in reasons(folder)
    assert "link.csv is not a file" in reasons(folder)
    assert "people.csv" in moved(folder, "taken")
