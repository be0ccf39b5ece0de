"""What is kept of standings is whole, small enough, its owner's, and never trusted."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from analytics.reports.session import Asked
from analytics.reports.standings.folder import Folder, Forgotten
from analytics.reports.standings.inputs import KEPT, Bound, Inputs
from analytics.reports.standings.making import Making
from analytics.reports.standings.standings import Standings
from tests.unit.reports.growing_company import Bits, bits

INPUTS = Inputs(date(2026, 1, 1), "d", {"facts": Bound("t", 0, 5)}, {"R": "1"}, "e")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Bits:
    return bits(3, tmp_path_factory.mktemp("company"), 2)


@pytest.fixture
def standings(tmp_path: Path) -> Standings:
    return Standings(Folder(tmp_path / "kept", 1 << 30))


@pytest.fixture
def makings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Note each making that ends."""
    done: list[Path] = []
    write = Making.write

    def noted(self: Making, folder: Path) -> float | None:
        share = write(self, folder)
        done.append(folder)
        return share

    monkeypatch.setattr(Making, "write", noted)
    return done


def held(standings: Standings, company: Bits, asked: Asked | None = None) -> Path:
    asked = asked or company.asked[-1]
    with standings.hold("default", company.given(asked), asked) as entry:
        assert entry is not None
        for name in KEPT:
            pq.read_table(entry.file(name))
        return entry.path


def put(folder: Folder, inputs: Inputs, size: int = 1000) -> str:
    def write(place: Path) -> None:
        for name in KEPT:
            (place / f"{name}.parquet").write_bytes(os.urandom(size // len(KEPT)))

    with folder.locked("default", inputs.key(), alone=True):
        folder.put("default", inputs, folder.epoch("default"), write)
    return inputs.key()


def test_a_set_is_made_once_and_read_again(
    standings: Standings, company: Bits, makings: list[Path]
) -> None:
    assert held(standings, company) == held(standings, company)
    assert len(makings) == 1


def test_two_at_once_make_it_once(
    standings: Standings, company: Bits, makings: list[Path]
) -> None:
    start = threading.Barrier(4)

    def ask(_: int) -> Path:
        start.wait()
        return held(standings, company)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(4)))) == 1
    assert len(makings) == 1


@pytest.mark.parametrize("name", ["standings.parquet", "unit_closure.parquet", "about"])
@pytest.mark.parametrize("harm", ["half", "flipped", "gone"])
def test_a_damaged_set_is_made_anew(
    standings: Standings, company: Bits, makings: list[Path], name: str, harm: str
) -> None:
    file = held(standings, company) / name
    whole = file.read_bytes()
    if harm == "gone":
        file.unlink()
    elif harm == "half":
        file.write_bytes(whole[: len(whole) // 2])
    else:
        middle = len(whole) // 2
        file.write_bytes(
            whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
        )
    held(standings, company)
    assert len(makings) == 2
    assert file.exists()


def test_only_the_owner_may_read_what_is_kept(
    standings: Standings, company: Bits
) -> None:
    held(standings, company)
    for path in [standings.folder.root, *standings.folder.root.rglob("*")]:
        assert not path.stat().st_mode & 0o077, path


def test_where_nothing_can_be_kept_reports_go_without(
    tmp_path: Path, company: Bits
) -> None:
    (tmp_path / "file").write_text("in the way")
    standings = Standings(Folder(tmp_path / "file" / "kept", 1 << 30))
    asked = company.asked[-1]
    with standings.hold("default", company.given(asked), asked) as entry:
        assert entry is None


def test_what_another_said_or_asked_has_another_key() -> None:
    keys = {
        INPUTS.key(),
        replace(INPUTS, as_of=date(2026, 1, 2)).key(),
        replace(INPUTS, derivation="e").key(),
        replace(INPUTS, bounds={"facts": Bound("t", 0, 6)}).key(),
        replace(INPUTS, bounds={"facts": Bound("t", 1, 5)}).key(),
        replace(INPUTS, bounds={"facts": Bound("u", 0, 5)}).key(),
        replace(INPUTS, requirements={"R": "2"}).key(),
        replace(INPUTS, exemptions="f").key(),
    }
    assert len(keys) == 8


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    keys = [
        put(Folder(tmp_path, 0), replace(INPUTS, exemptions=str(n))) for n in range(3)
    ]
    first = (tmp_path / "default" / keys[0]).iterdir()
    folder = Folder(tmp_path, int(3.5 * sum(path.stat().st_size for path in first)))
    for number, key in enumerate(keys):
        os.utime(tmp_path / "default" / key / "about", (number, number))
    assert folder.read("default", keys[0]) is not None  # used again: now the newest
    put(folder, replace(INPUTS, exemptions="last"))
    folder.trim()
    left = {entry.path.name for entry in folder.entries("default")}
    assert keys[0] in left
    assert keys[1] not in left


def test_a_set_that_is_read_is_not_removed(tmp_path: Path) -> None:
    folder = Folder(tmp_path, 0)
    first = put(folder, INPUTS)
    put(folder, replace(INPUTS, exemptions="newer"))
    with folder.locked("default", first, alone=False):
        folder.trim()
        assert folder.read("default", first) is not None
    os.utime(tmp_path / "default" / first / "about", (1, 1))
    folder.trim()
    assert folder.read("default", first) is None


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    folder = Folder(tmp_path, 1 << 30)
    key = put(folder, INPUTS)
    part = tmp_path / "default" / f".part-{key}-abandoned"
    part.mkdir()
    folder.trim()
    assert not part.exists()
    assert folder.read("default", key) is not None


def test_forgetting_removes_all_and_what_is_made_meanwhile(tmp_path: Path) -> None:
    folder = Folder(tmp_path, 1 << 30)
    key = put(folder, INPUTS)
    other = replace(INPUTS, exemptions="other")

    def write(place: Path) -> None:
        (place / "standings.parquet").write_bytes(b"of before")
        folder.forget("default")
        place.mkdir(exist_ok=True)  # as a process that had its files open would
        (place / "standings.parquet").write_bytes(b"of before")

    with (
        folder.locked("default", other.key(), alone=True),
        pytest.raises(Forgotten),
    ):
        folder.put("default", other, folder.epoch("default"), write)
    assert folder.read("default", key) is None
    assert folder.entries("default") == []
    assert not list(tmp_path.rglob("*.parquet"))


def test_sets_of_a_table_that_was_replaced_go(
    standings: Standings, company: Bits
) -> None:
    before = held(standings, company)
    state = company.tables["people"]
    replaced = replace(
        company, tables={**company.tables, "people": replace(state, generation=7)}
    )
    after = held(standings, replaced)
    assert before != after
    assert not before.exists()


def test_a_later_pass_without_news_shares_the_files(
    standings: Standings, company: Bits
) -> None:
    asked = company.asked[-1]
    none = {
        name: replace(state, position=10**15 + number)
        for number, (name, state) in enumerate(company.tables.items())
    }
    first = held(standings, replace(company, tables=none), asked)
    later = {**none, "facts": replace(none["facts"], position=10**15 + 100)}
    second = held(standings, replace(company, tables=later), asked)
    assert first != second
    for name in KEPT:
        file = f"{name}.parquet"
        assert (first / file).stat().st_ino == (second / file).stat().st_ino
