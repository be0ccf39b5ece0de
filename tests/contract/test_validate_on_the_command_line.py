"""``lrs statements validate``: as a process, without any database."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import programs
from tests.builders import a_statement
from tests.conftest import ROOT
from tests.unit.test_validation import defined
from tests.unit.xapi.samples import a_full_statement

pytestmark = pytest.mark.long

WRONG = a_statement(verb="relative")


def validate(
    *arguments: str, given: bytes = b"", home: Path = ROOT
) -> subprocess.CompletedProcess[bytes]:
    """Run the command where no MongoDB can be reached or started."""
    kept = {name: it for name, it in os.environ.items() if not name.startswith("LRS_")}
    nowhere = {
        "LRS_MONGODB_URI": "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=100",
        "LRS_DATA_DIR": "/proc/nowhere",
    }
    return programs.run_with(
        ("statements", "validate", *arguments),
        kept | nowhere,
        given=given,
        folder=home,
        timeout=120,
    )


def ndjson(*items: Any) -> bytes:
    return b"".join(
        (item if isinstance(item, bytes) else json.dumps(item).encode()) + b"\n"
        for item in items
    )


SHAPES = {
    "ndjson": lambda *items: ndjson(*items),
    "array": lambda *items: json.dumps(items).encode(),
    "pretty array": lambda *items: json.dumps(items, indent=2).encode(),
    "gzip of ndjson": lambda *items: gzip.compress(ndjson(*items)),
    "gzip of an array": lambda *items: gzip.compress(json.dumps(items).encode()),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_valid_file_of_any_shape_ends_with_0(shape: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(SHAPES[shape](a_statement(), a_full_statement(), a_statement()))
    done = validate(str(path))
    assert done.returncode == 0, done.stderr
    assert done.stdout == b""
    assert b"3 Statements: 3 valid, 0 invalid." in done.stderr
    assert list(tmp_path.iterdir()) == [path]  # nothing is left beside it


def test_a_single_pretty_statement_is_one_statement(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps(a_full_statement(), indent=2))
    done = validate(str(path))
    assert done.returncode == 0
    assert b"1 Statements: 1 valid" in done.stderr


@pytest.mark.parametrize("shape", SHAPES)
def test_standard_input_is_a_dash(shape: str) -> None:
    done = validate("-", given=SHAPES[shape](a_statement(), WRONG))
    assert done.returncode == 1
    assert b"2 Statements: 1 valid, 1 invalid." in done.stderr


def test_a_table_has_a_line_for_each_violation_with_line_path_and_rule() -> None:
    body = ndjson(a_statement(), b"", WRONG | {"x": 1}, b'{"actor":}', a_statement())
    done = validate("-", given=body)
    assert done.returncode == 1
    lines = [line.split(maxsplit=3) for line in done.stdout.decode().splitlines()]
    assert lines[0] == ["line", "path", "rule", "message"]
    assert [line[:3] for line in lines[1:]] == [
        ["3", "verb.id", "xapi-data:2.4.3"],
        ["3", "(the", "Statement)"],
        ["4", "(the", "Statement)"],
    ]
    assert "(line 4, column 10)." in done.stdout.decode()


def test_the_sums_by_rule_and_one_error_stand_on_standard_error() -> None:
    done = validate("-", given=ndjson(WRONG, WRONG, b"{", a_statement()))
    said = done.stderr.decode().splitlines()[-4:]
    assert said == [
        "4 Statements: 1 valid, 3 invalid.",
        "  2 x xapi-data:2.4.3 in 2 Statements",
        "  1 x xapi-data:2.1 in 1 Statements",
        "Error: 3 of 4 Statements are invalid.",
    ]


def test_json_is_what_the_api_answers() -> None:
    done = validate("-", "--format", "json", given=ndjson(a_statement(), WRONG))
    found = json.loads(done.stdout)
    assert [item["valid"] for item in found["statements"]] == [True, False]
    assert found["statements"][1]["violations"][0]["path"] == "verb.id"
    assert found["totals"]["invalid"] == 1
    assert found["rules"][0]["rule"] == "xapi-data:2.4.3"
    empty = json.loads(validate("-", "--format", "json", given=b"[]").stdout)
    assert empty["statements"] == []


def test_csv_has_a_row_for_each_violation() -> None:
    done = validate("-", "--format", "csv", given=ndjson(a_statement(), WRONG))
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    assert rows == [
        {
            "position": "2",
            "line": "2",
            "id": WRONG["id"],
            "version": "1.0.3",
            "path": "verb.id",
            "rule": "xapi-data:2.4.3",
            "message": "This must be an absolute IRI.",
        }
    ]


def test_version_and_cmi5_are_chosen_by_options() -> None:
    of_2 = ndjson(a_full_statement())
    assert validate("-", given=of_2).returncode == 0
    assert validate("-", "--xapi-version", "1.0.3", given=of_2).returncode == 1
    assert validate("-", given=ndjson(defined())).returncode == 0
    done = validate("-", "--cmi5", given=ndjson(defined()))
    assert done.returncode == 1
    assert b"cmi5:" in done.stdout


BROKEN = {
    "an array that breaks off": (json.dumps([a_statement()]).encode()[:-3], b"breaks"),
    "a gzip file that breaks off": (
        gzip.compress(ndjson(a_statement()))[:-12],
        b"broken gzip",
    ),
    "nothing": (b"", b"holds no Statement."),
    "blanks": (b" \n \n", b"holds no Statement."),
    "an empty array": (b"[]", b"holds no Statement."),
    "other bytes": (bytes(range(256)), b"not UTF-8"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_read_ends_with_1_and_a_sentence(name: str) -> None:
    body, said = BROKEN[name]
    done = validate("-", given=body)
    assert done.returncode == 1
    assert said in done.stdout + done.stderr
    assert done.stderr.decode().splitlines()[-1].startswith("Error: ")
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("no-such-file",),
        ("lrs",),
        ("-", "--xapi-version", "1.0.2"),
        ("-", "--format", "xml"),
        ("-", "--colour"),
    ],
)
def test_wrong_use_ends_with_2(arguments: tuple[str, ...]) -> None:
    done = validate(*arguments)
    assert (done.returncode, done.stdout) == (2, b"")


# VmHWM is the peak of this program alone; ru_maxrss would count its parent's too.
MEASURE = """
import pathlib, sys
from lrs.cli import main
sys.argv = ["lrs", "statements", "validate", "-"]
try:
    main()
finally:
    status = pathlib.Path("/proc/self/status").read_text()
    print(status.split("VmHWM:")[1].split()[0], file=sys.stderr)
"""


@pytest.mark.parametrize("shape", ["ndjson", "array"])
def test_a_file_of_any_size_needs_the_memory_of_one_statement(shape: str) -> None:
    def peak(count: int) -> int:
        items = [a_statement(activity=f"http://x.example/{'a' * 2000}")] * count
        done = subprocess.run(
            [sys.executable, "-c", MEASURE],
            input=SHAPES[shape](*items),
            cwd=ROOT,
            capture_output=True,
            check=True,
            timeout=120,
        )
        return int(done.stderr.split()[-1])  # KiB

    few, many = peak(10), peak(20_000)  # 40 MB
    assert many - few < 12_000
