"""A refused delivery that somebody lets through is put back, here and over SFTP."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.workforce.sources.configured import source_of
from analytics.workforce.sources.folder import OpenFolder
from analytics.workforce.sources.source import Source
from lrs.errors import Conflict
from tests.landings import CSV, deliver, landed, moved
from tests.sftp_server import PASSWORD, USER, sftp_server

OTHER = b"employee_id,name\n3,Cid\n4,Dee\n"


@pytest.fixture(params=["folder", "sftp"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Source, Path]]:
    folder = tmp_path / "landing"
    folder.mkdir()
    if request.param == "folder":
        table: dict[str, object] = {"type": "folder", "path": "landing"}
        yield source_of(table, "acme", tmp_path, {}), folder
        return
    with sftp_server(tmp_path) as server:
        (tmp_path / "known_hosts").write_text(server.known_hosts)
        table = {"type": "sftp", "host": "127.0.0.1", "port": server.port}
        table |= {"user": USER, "path": "/landing", "known_hosts": "known_hosts"}
        yield source_of(table, "acme", tmp_path, {"password": PASSWORD}), folder


def offered(
    source: Source, again: str | None = None, *, take: bool = True
) -> list[str]:
    """Walk over what is offered; return the names of the manifests."""
    names = []
    with source.offers(lambda _notice: None, again) as offers:
        for offer in offers:
            names.append(offer.file)
            if take:
                offer.taken()
            else:
                offer.refused("A valve stopped it.")
    return names


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_it_is_known_by_its_content_and_put_back_once(
    place: tuple[Source, Path],
) -> None:
    source, folder = place
    for content in (CSV, OTHER):  # both refused, under the same number and names
        deliver(folder, 1, files={"people.csv": content})
        assert offered(source, take=False) == ["1.manifest.json"]
    assert offered(source, digest(b"nothing like it")) == []
    deliver(folder, 2, mode="full", files={"people.csv": OTHER})
    with pytest.raises(Conflict, match=r"people\.csv lies in the folder already"):
        offered(source, digest(CSV))
    assert (folder / "people.csv").read_bytes() == OTHER
    for name in ("people.csv", "2.manifest.json"):
        (folder / name).unlink()
    assert offered(source, digest(CSV)) == ["1.manifest.json"]
    (taken,) = (folder / "taken").glob("*/people.csv")
    assert taken.read_bytes() == CSV
    assert landed(folder) == []
    assert moved(folder, "refused") == ["1.manifest.json", "people.csv"]
    assert offered(source, digest(CSV)) == []


def test_one_that_was_killed_between_its_files_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "landing"
    folder.mkdir()
    source = source_of({"type": "folder", "path": "landing"}, "acme", tmp_path, {})
    deliver(folder, 1, files={"a.csv": CSV, "b.csv": OTHER})
    assert offered(source, take=False) == ["1.manifest.json"]
    whole = digest(f"{digest(CSV)} {digest(OTHER)}".encode())
    rename, moves = OpenFolder.rename, [1, 2]

    def dying(place: OpenFolder, name: str, to: str) -> None:
        if moves.pop() == 1:
            raise KeyboardInterrupt
        rename(place, name, to)

    with monkeypatch.context() as patched:
        patched.setattr(OpenFolder, "rename", dying)
        with pytest.raises(KeyboardInterrupt):
            offered(source, whole)
    assert landed(folder) == ["a.csv"]
    assert offered(source) == []
    assert offered(source, whole) == ["1.manifest.json"]
    assert landed(folder) == []
