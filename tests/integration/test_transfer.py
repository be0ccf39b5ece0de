"""``lrs statements import`` and ``export``: files in and out.

By the program itself where its exit status and its words count; in this process where
many files are tried, since a process costs a second.
"""

from __future__ import annotations

import gzip
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lrs.services import Services
from lrs.transfer import ImportCounts
from lrs.xapi import text
from lrs.xapi.equality import equal
from tests.builders import a_statement, a_void
from tests.conftest import ROOT, environment_of
from tests.integration.transferring import (
    bring_in,
    bring_in_here,
    counts,
    lines,
    rejected,
    rejects_of,
    take_out,
    take_out_here,
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give a folder for files."""
    made = tmp_path / "files"
    made.mkdir()
    return made


FORMS = {
    "NDJSON": lambda items: lines(*items),
    "NDJSON without a line break at its end": lambda items: lines(*items).rstrip(),
    "NDJSON with blank lines and CRLF": lambda items: (
        b"\r\n \n" + lines(*items).replace(b"\n", b"\r\n\r\n")
    ),
    "array": lambda items: json.dumps(items, indent=2).encode(),
    "gzip of NDJSON": lambda items: gzip.compress(lines(*items)),
    "gzip of an array": lambda items: gzip.compress(json.dumps(items).encode()),
    "gzip in two members": lambda items: (
        gzip.compress(lines(*items[:2])) + gzip.compress(lines(*items[2:]))
    ),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_every_form_of_file_is_imported(
    services: Services, place: Path, form: Any
) -> None:
    statements = [a_statement() for _ in range(5)]
    path = place / "file"
    path.write_bytes(form(statements))
    done = bring_in_here(services, path)
    assert (done.read, done.new, done.refused) == (5, 5, 0)
    assert rejected(path) == []
    ids = [json.loads(line)["id"] for line in take_out_here(services)]
    assert ids == [item["id"] for item in statements]


def test_an_empty_file_is_imported_as_nothing(services: Services, place: Path) -> None:
    path = place / "empty"
    path.write_bytes(b"")
    assert bring_in_here(services, path) == ImportCounts()


def test_a_repeated_import_changes_nothing_even_without_ids(
    services: Services, place: Path
) -> None:
    path = place / "file"
    statements = [a_statement(with_id=at % 2 == 0) for at in range(7)]
    path.write_bytes(lines(*statements, b"no", *statements[1::2]))
    first = bring_in_here(services, path)
    assert (first.new, first.refused) == (10, 1)
    before = take_out_here(services)
    again = bring_in_here(services, path)
    assert (again.new, again.read) == (0, 11)
    assert take_out_here(services) == before
    # Also where the note of how far it came is lost.
    services.database["imports"].drop()
    again = bring_in_here(services, path)
    assert (again.new, again.repeated, again.refused) == (0, 10, 1)
    assert take_out_here(services) == before
    assert [item["line"] for item in rejected(path)] == [8]


def test_tenants_are_imported_and_exported_apart(
    services: Services, place: Path
) -> None:
    path = place / "file"
    path.write_bytes(lines(a_statement(), a_statement(with_id=False)))
    assert bring_in_here(services, path).new == 2
    assert take_out(services, "--tenant", "acme") == []
    assert counts(bring_in(services, path, "--tenant", "acme"))["new"] == 2
    assert len(take_out(services, "--tenant", "acme")) == 2
    assert bring_in(services, path, "--tenant", "A/B").returncode == 1


def test_a_former_stored_and_authority_are_kept_beside_ours(
    services: Services, place: Path
) -> None:
    former = {
        "stored": "2011-02-03T04:05:06.789Z",
        "authority": {"mbox": "mailto:lms@old.example", "name": "Ältere"},
    }
    with_former, without = a_statement(**former), a_statement()
    path = place / "file"
    path.write_bytes(lines(with_former, without))
    assert bring_in_here(services, path).new == 2
    for line in take_out_here(services):
        ours = json.loads(line)
        assert ours["stored"] > "2020"
        assert ours["authority"]["account"]["name"] == "import"
    rows = list(services.database["statements"].find().sort("stored"))
    assert "former" not in rows[1]
    kept = {name: json.loads(value) for name, value in rows[0]["former"].items()}
    assert kept == former


def test_voids_in_a_file_act_in_any_order(services: Services, place: Path) -> None:
    statements = [a_statement() for _ in range(4)]
    ids = [item["id"] for item in statements]
    path = place / "file"
    path.write_bytes(lines(a_void(ids[0]), *statements, a_void(ids[3])))
    assert bring_in_here(services, path).new == 6
    for made, is_voided in zip(ids, [True, False, False, True], strict=True):
        assert bool(services.statements.one("default", made, voided=True)) is is_voided
    assert len(take_out_here(services)) == 6


def test_an_import_that_was_interrupted_is_resumed(
    services: Services, place: Path
) -> None:
    path = place / "file"
    size = 25_000
    path.write_bytes(
        lines(b"bad", *(a_statement(with_id=at % 3 == 0) for at in range(size)))
    )
    command = ("statements", "import", str(path), "--rejects", str(rejects_of(path)))
    process = subprocess.Popen(
        [sys.executable, "-m", "lrs", *command],
        env=environment_of(services.settings),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # A test run in the background of a shell hands down that SIGINT is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        statements = services.database["statements"]
        end = time.monotonic() + 30
        while statements.estimated_document_count() < 1500:
            assert time.monotonic() < end
            assert process.poll() is None
            time.sleep(0.005)
    finally:
        process.send_signal(signal.SIGINT)
        status = process.wait(20)
    assert status == 130
    whole = {"stored": {"$exists": True}}  # not what a fence leaves
    assert statements.count_documents(whole) < size
    done = counts(bring_in(services, path))
    assert done["read"] == size + 1
    assert done["skipped"] >= 500
    assert done["new"] < size
    assert statements.count_documents(whole) == size
    assert [item["line"] for item in rejected(path)] == [1]


def odd(value: Any, chance: random.Random) -> str:
    """Write JSON in an odd but valid way: whitespace, escapes, forms of numbers."""
    blank = chance.choice(["", " ", "\t", " \n "])
    if isinstance(value, dict):
        inner = (f"{odd(k, chance)}{blank}:{odd(v, chance)}" for k, v in value.items())
        return f"{{{blank}{f'{blank},'.join(inner)}{blank}}}"
    if isinstance(value, list):
        return f"[{blank}{f',{blank}'.join(odd(item, chance) for item in value)}]"
    if isinstance(value, float) and value == int(value):
        forms = (f"{value:.2f}", f"{value:e}", f"{int(value)}E0")
        return chance.choice(forms)
    return json.dumps(value, ensure_ascii=chance.random() < 0.5)


def test_export_equals_import_by_the_specification_and_in_its_text(
    services: Services, place: Path
) -> None:
    chance = random.Random(4711)
    written = []
    for at in range(60):
        statement = a_statement(
            actor=f"żółć{at}@example.com",
            timestamp="2020-02-29T12:00:00.1234567+05:30",
            version="1.0.2",
            result={
                "score": {"raw": float(at), "max": 100.0},
                "extensions": {"http://e.example/x": [1.0, {"k\0": "\u2028"}, None]},
            },
            context={"contextActivities": {"parent": [{"id": "http://p.example/"}]}},
        )
        written.append(odd(statement, chance))
    path, packed = place / "file.json", place / "out.ndjson.gz"
    path.write_text(f"[{','.join(written)}]")
    assert bring_in_here(services, path).new == 60
    assert take_out(services, "-o", str(packed)) == []
    exported = gzip.decompress(packed.read_bytes()).decode().split("\n")[:-1]
    assert exported == take_out_here(services)
    for before, after in zip(written, exported, strict=True):
        in_line = before.replace("\n", " ")
        assert after.startswith(in_line[:-1].rstrip())
        sent, kept = (text.parse(item.encode()) for item in (before, after))
        assert equal(sent, kept)
        assert set(kept) - set(sent) == {"stored", "authority"}

    other = place / "again.ndjson"
    other.write_text("\n".join(exported))
    assert bring_in_here(services, other).repeated == 60
    assert take_out_here(services) == exported
