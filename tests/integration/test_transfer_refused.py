"""``lrs statements import``: files and lines that are refused."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from lrs.errors import BadRequest
from lrs.services import Services
from tests.builders import VOIDED, a_statement
from tests.integration.transferring import (
    bring_in,
    bring_in_here,
    counts,
    lines,
    rejected,
    rejects_of,
    take_out_here,
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give a folder for files."""
    made = tmp_path / "files"
    made.mkdir()
    return made


BROKEN = {
    "cut off": lambda packed: packed[:-20],
    "cut in the header": lambda packed: packed[:5],
    "wrong checksum": lambda packed: packed[:-8] + b"\0" * 4 + packed[-4:],
    "rubbish behind": lambda packed: packed + b"rubbish",
}


def a_packed_file() -> bytes:
    return gzip.compress(lines(*(a_statement() for _ in range(9))))


def test_a_broken_gzip_file_is_refused(services: Services, place: Path) -> None:
    for name, damage in BROKEN.items():
        path = place / f"{name}.gz"
        path.write_bytes(damage(a_packed_file()))
        with pytest.raises(BadRequest, match=rf"^{name}\.gz is a broken gzip file\.$"):
            bring_in_here(services, path)
    assert take_out_here(services) == []


def test_gzip_with_wrong_data_is_refused_with_one_sentence(
    services: Services, place: Path
) -> None:
    path, packed = place / "file.gz", a_packed_file()
    path.write_bytes(packed[:40] + b"\xff" * 40 + packed[80:])
    done = bring_in(services, path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Error: file.gz is a broken gzip file.\n"
    assert take_out_here(services) == []


def test_an_array_that_is_no_json_is_refused(services: Services, place: Path) -> None:
    path = place / "file.json"
    path.write_bytes(json.dumps([a_statement()]).encode()[:-2])
    done = bring_in(services, path)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: file.json: ")
    assert done.stderr.count("\n") == 1
    assert take_out_here(services) == []


def test_a_file_that_is_not_there_is_wrong_use(services: Services, place: Path) -> None:
    assert bring_in(services, place / "nowhere").returncode == 2


def test_bad_lines_go_to_the_reject_file_with_line_and_reason(
    services: Services, place: Path
) -> None:
    stored = a_statement()
    good = [a_statement() for _ in range(3)]
    twice = good[0] | {"verb": {"id": "http://other.example/verb"}}
    bad: list[tuple[int, Any, str]] = [
        (2, b'{"actor":', ""),
        (3, a_statement() | {"actor": {"mbox": "x"}}, "actor.mbox"),
        (5, b"[]", ""),
        (6, b"null", ""),
        (7, b'{"a":"\xff"}', ""),
        (8, a_statement(verb=VOIDED), "object"),
        (9, stored | {"verb": {"id": "http://other.example/verb"}}, "id"),
        (10, b"{}", "actor"),
        (12, twice, "id"),
    ]
    whole: dict[int, Any] = {1: good[0], 4: good[1], 11: good[2]}
    whole |= {number: line for number, line, _ in bad}
    first, path = place / "first", place / "file"
    first.write_bytes(lines(stored))
    path.write_bytes(lines(*(whole[number] for number in sorted(whole))))
    assert bring_in_here(services, first).new == 1
    done = bring_in(services, path)
    assert done.returncode == 1
    assert str(rejects_of(path)) in done.stderr
    assert list(counts(done).values()) == [12, 3, 0, 0, 9]
    found = {item["line"]: item for item in rejected(path)}
    assert sorted(found) == [number for number, _, _ in bad]
    for number, line, place_of in bad:
        violations = found[number]["violations"]
        assert place_of in [item["path"] for item in violations], number
        assert all(item["rule"] and item["message"] for item in violations)
        raw = line if isinstance(line, bytes) else json.dumps(line).encode()
        assert found[number]["record"] == raw.decode(errors="replace")
    assert rejects_of(path).stat().st_mode & 0o077 == 0
    assert len(take_out_here(services)) == 4
