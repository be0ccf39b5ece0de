"""Whoever changes an export, however little, is found, and told what it was."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from analytics.audit import form
from analytics.audit.container import Altered
from analytics.audit.verifying import verified
from tests.unit.audit.exports import (
    PARAMETERS,
    STATEMENTS,
    contents,
    pack,
    rewritten,
    unzipped_and_zipped,
    write,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "ops.zip"
    write(found)
    return found


def said(path: Path) -> str:
    with pytest.raises(Altered) as told:
        verified(path)
    message = told.value.message
    assert message.startswith("ops.zip is not as it was exported: ")
    assert message.endswith(".")
    assert "\n" not in message
    return message


def test_a_whole_export_is_told_with_its_digest(path: Path) -> None:
    found = verified(path)
    assert found.digest == write(path)
    assert found.parameters == PARAMETERS
    assert found.files["reports/compliance_status.csv"].rows == 2
    assert found.files[STATEMENTS].rows == 40


def test_a_flipped_bit_is_found_wherever_it_is(path: Path) -> None:
    whole = path.read_bytes()
    drawn = random.Random(7)
    # A quarter of all octets, and all of the directory and the end.
    directory = whole.index(b"PK\x01\x02")
    for at in (*range(0, directory, 4), *range(directory, len(whole), 2)):
        changed = bytearray(whole)
        changed[at] ^= 1 << drawn.randrange(8)
        path.write_bytes(changed)
        assert said(path), at


def test_every_cut_is_found(path: Path) -> None:
    whole = path.read_bytes()
    for length in range(0, len(whole), 37):
        path.write_bytes(whole[:length])
        said(path)
        path.write_bytes(whole[length + 1 :])
        said(path)


@pytest.mark.parametrize("added", [b"\0", b"PK\x05\x06" + b"\0" * 18, b"more" * 500])
def test_what_is_added_anywhere_is_found(path: Path, added: bytes) -> None:
    whole = path.read_bytes()
    for at in (*range(0, len(whole), 101), len(whole)):
        path.write_bytes(whole[:at] + added + whole[at:])
        said(path)


def change(path: Path, name: str, content: bytes | None) -> None:
    files = contents(path)
    if content is None:
        del files[name]
    else:
        files[name] = content
    last = files.pop(form.MANIFEST, None)  # stays the last
    pack(path, files | ({form.MANIFEST: last} if last is not None else {}))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (STATEMENTS, b'{"id":"1"}\n', f"{STATEMENTS} was altered"),
        (STATEMENTS, None, f"{STATEMENTS} was removed"),
        (form.README, b"Read this.\n", "README.txt was altered"),
        (form.PARAMETERS, b"{}", "parameters.json was altered"),
        (form.PROGRAM, None, "program.json was removed"),
        ("reports/more.csv", b"a\r\n", "reports/more.csv was added"),
        (form.SUMS, b"", "SHA256SUMS was altered"),
        (form.SUMS, None, "SHA256SUMS was removed"),
        (form.MANIFEST, None, "MANIFEST.json was removed"),
        (form.MANIFEST, b"[]", "MANIFEST.json was altered"),
        (form.MANIFEST, b'{"format":"2"}', "of a form that this program does not know"),
    ],
)
def test_an_altered_added_or_removed_file_is_named(
    path: Path, name: str, content: bytes | None, message: str
) -> None:
    change(path, name, content)
    assert message in said(path)


def test_which_of_the_two_lists_was_altered_is_told(path: Path) -> None:
    for name in (form.SUMS, form.MANIFEST):
        write(path)
        files = contents(path)
        sha256 = verified(path).files[STATEMENTS].sha256.encode()
        change(path, name, files[name].replace(sha256, b"0" * 64))
        assert f"{name} was altered where it speaks of {STATEMENTS}" in said(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"rows": 40', b'"rows": 41'),
        (b'"unit": "OPS"', b'"unit": "ALL"'),
        (b'"version": "1"', b'"version": "2"'),
        (b'"octets": 9', b'"octets": 8'),
    ],
)
def test_what_the_manifest_says_must_be_what_the_files_say(
    path: Path, old: bytes, new: bytes
) -> None:
    stated = contents(path)[form.MANIFEST]
    assert stated.count(old) == 1
    change(path, form.MANIFEST, stated.replace(old, new))
    assert "MANIFEST.json was altered" in said(path)


def test_a_zip_that_was_packed_anew_is_told_so(path: Path) -> None:
    unzipped_and_zipped(path)
    assert "header of README.txt" in said(path)
    write(path)
    pack(path, rewritten(contents(path)))
    assert "packed anew" in said(path)


@pytest.mark.parametrize(
    "name",
    [
        *("../out.txt", "/etc/out.txt", "a/../../out.txt", "./out.txt", "a//out.txt"),
        *("C:out.txt", "a\\..\\out.txt", "out.txt ", "a\nb.txt", ".."),
    ],
)
def test_a_name_that_leads_outside_is_refused(path: Path, name: str) -> None:
    files = contents(path)
    change(path, name, files[form.README])
    assert "names a file outside of itself" in said(path)


def test_a_second_file_of_one_name_is_refused(path: Path) -> None:
    files = contents(path)
    pack(path, files | {"README.tXt": b"Another.\n"})
    path.write_bytes(path.read_bytes().replace(b"README.tXt", b"README.txt"))
    assert "two files named 'README.txt'" in said(path)


def test_a_comment_is_refused(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:-2] + struct.pack("<H", 4) + b"more")
    assert "something stands behind its end" in said(path)


def bomb(path: Path, claimed: Callable[[int], int]) -> None:
    """Make the directory lie about how long a file is."""
    write(path)
    whole = bytearray(path.read_bytes())
    length = len(b'{"id":"1"}\n{"id":"2"}\n' * 20)
    old, new = struct.pack("<L", length), struct.pack("<L", claimed(length))
    path.write_bytes(whole.replace(old, new))


@pytest.mark.parametrize(
    "claimed", [lambda n: n - 1, lambda n: n + 1, lambda _: 1 << 31]
)
def test_a_file_that_is_longer_or_shorter_than_it_says_is_found(
    path: Path, claimed: Callable[[int], int]
) -> None:
    bomb(path, claimed)
    said(path)


def test_files_that_share_their_octets_are_refused(path: Path) -> None:
    """The way to make petabytes of little: many entries over the same octets."""
    whole = bytearray(path.read_bytes())
    at = whole.rindex(b"PK\x01\x02", 0, whole.rindex(form.SUMS.encode()))
    whole[at + 42 : at + 46] = struct.pack("<L", 0)
    path.write_bytes(whole)
    assert "was altered" in said(path)


def test_something_else_is_no_export(path: Path) -> None:
    for content in (b"", b"PK", b"x" * 5000):
        path.write_bytes(content)
        assert "it is no ZIP" in said(path)
    pack(path, {"a.txt": b"a"})
    assert "MANIFEST.json was removed" in said(path)
