"""A landing folder: what is taken, what waits, what is refused, what a kill leaves."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analytics.workforce.sources.configured import source_of
from analytics.workforce.sources.folder import Folder
from analytics.workforce.sources.landing import Landing
from lrs.errors import SetupError, Unavailable
from tests.landings import CSV, deliver, landed, listed, moved, reasons, walk

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "landing"
    made.mkdir()
    return made


@pytest.fixture
def source(folder):
    return source_of({"type": "folder", "path": "landing"}, "acme", folder.parent, {})


def old(path: Path) -> None:
    """Let a file seem unchanged for a day."""
    os.utime(path, (time.time() - 86_400,) * 2)


def test_deliveries_come_in_the_order_of_their_numbers_and_move(source, folder):
    for number in (3, 1, 2):
        deliver(folder, number, mode="full" if number == 2 else "delta")
    (folder / "stray.csv").write_bytes(CSV)
    seen, notices = walk(source)
    assert [(number, mode) for number, mode, *_ in seen] == [
        (1, "delta"),
        (2, "full"),
        (3, "delta"),
    ]
    assert seen[0][2] == "people-1.csv"
    assert [cells["name"] for *_, cells in seen[0][3]] == ["Ann", "Bob"]
    assert notices == []
    assert landed(folder) == ["stray.csv"]
    assert len(moved(folder, "taken")) == 6
    assert walk(source) == ([], [])


def test_a_delivery_of_several_files_is_one(source, folder):
    more = b'[{"employee_id": 3, "grade": "x"}]'
    files = {"a.csv": CSV, "b.json": more}
    infos = [listed("a.csv", CSV), listed("b.json", more, 1)]
    name = deliver(folder, 1, files=files, listing=infos)
    seen, _ = walk(source)
    [(_, _, file, records)] = seen
    assert file == name
    assert [(of, line) for of, line, _ in records] == [
        ("a.csv", 2),
        ("a.csv", 3),
        ("b.json", 1),
    ]


def test_what_is_incomplete_waits_and_what_builds_on_it_too(source, folder):
    deliver(folder, 1)
    deliver(folder, 2)
    deliver(folder, 3)
    (folder / "people-1.csv").unlink()
    (folder / "people-2.csv").write_bytes(CSV[:10])
    seen, notices = walk(source)
    assert seen == []
    assert [notice.kind for notice in notices] == ["waiting", "gap", "gap"]
    (folder / "people-1.csv").write_bytes(CSV)
    seen, notices = walk(source)
    assert [number for number, *_ in seen] == [1]
    assert [notice.kind for notice in notices] == ["waiting", "gap"]
    assert "people-2.csv is still growing" in notices[0].reason
    (folder / "people-2.csv").write_bytes(CSV)
    seen, notices = walk(source)
    assert [number for number, *_ in seen] == [2, 3]


def test_a_gap_ends_with_the_missing_one_or_with_a_full_one(source, folder):
    deliver(folder, 1)
    deliver(folder, 3)
    seen, notices = walk(source)
    assert [number for number, *_ in seen] == [1]
    assert [(notice.kind, notice.file) for notice in notices] == [
        ("gap", "3.manifest.json")
    ]
    assert "waits for delivery 2" in notices[0].reason
    deliver(folder, 5, mode="full")
    deliver(folder, 6)
    seen, notices = walk(source)
    assert [number for number, *_ in seen] == [5, 6]
    seen, notices = walk(source)
    assert seen == []
    assert [notice.kind for notice in notices] == ["repeat"]
    assert landed(folder) == []
    deliver(folder, 8)
    deliver(folder, 7)
    assert [number for number, *_ in walk(source)[0]] == [7, 8]


def test_a_repeat_is_skipped(source, folder):
    deliver(folder, 1)
    assert len(walk(source)[0]) == 1
    deliver(folder, 1)
    seen, notices = walk(source)
    assert seen == []
    assert [notice.kind for notice in notices] == ["repeat"]
    assert "Delivery 1 came again" in reasons(folder)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"format": 2}, "format is not 1"),
        ({"format": True}, "format is not 1"),
        ({"source": "other"}, "source is not acme"),
        ({"source": 5}, "source is not text"),
        ({"mode": "most"}, "mode is neither full nor delta"),
        ({"as_of": "1 May"}, "as_of is not a day"),
        ({"as_of": "2999-05-01"}, "as_of is a day that has not come"),
        ({"sequence": 0}, "sequence is not a whole number of at least 1"),
        ({"sequence": "1"}, "sequence is not a whole number"),
        ({"listing": []}, "files is not a list of 1 to 100"),
        ({"listing": {}}, "files is not a list"),
        ({"listing": [5]}, "files[0] is not a JSON object"),
        ({"listing": [{}]}, "files[0].name is missing"),
        ({"more": 1}, "has a key that is unknown"),
        *(
            (
                {"listing": [listed(name, CSV)]},
                "files[0].name is not the name of a file",
            )
            for name in (
                *("../secret", "/etc/passwd", "a/b", "..", ".", ".x", "a\\b", "c:x"),
                "x.manifest.json",
            )
        ),
        ({"listing": [listed("", CSV)]}, "files[0].name is not"),
        ({"listing": [listed("a\0b", CSV)]}, "files[0].name is not text"),
        (
            {"listing": [listed("a", CSV), listed("A", CSV)]},
            "files names one file twice",
        ),
        ({"listing": [listed("a", CSV) | {"bytes": -1}]}, "files[0].bytes is not"),
        ({"listing": [listed("a", CSV) | {"sha256": "x"}]}, "files[0].sha256 is not"),
        ({"listing": [listed("a", CSV) | {"records": 1.5}]}, "files[0].records is not"),
    ],
)
def test_a_wrong_manifest_is_refused_with_the_key(source, folder, changed, said):
    name = deliver(folder, 1, **changed)
    seen, notices = walk(source)
    assert seen == []
    assert [notice.kind for notice in notices] == ["refused"]
    assert said in reasons(folder)
    assert moved(folder, "refused") == [name]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"format": 1, "format": 1}', "twice"),
        (b" " * 2_000_000, "too large a manifest"),
        (b"5", "the whole is not a JSON object"),
    ],
)
def test_a_manifest_of_any_content_is_refused(source, folder, content, said):
    path = folder / "1.manifest.json"
    path.write_bytes(content)
    old(path)
    assert walk(source)[0] == []
    assert said in reasons(folder)


def test_half_a_manifest_waits_for_the_rest(source, folder):
    deliver(folder, 1)
    path = folder / "1.manifest.json"
    whole = path.read_text()
    path.write_text(whole[:40])
    seen, notices = walk(source)
    assert (seen, [notice.kind for notice in notices]) == ([], ["waiting"])
    path.write_text(whole)
    assert len(walk(source)[0]) == 1


@pytest.mark.parametrize(
    ("content", "info", "said"),
    [
        (CSV + b"3,C\n", listed("people.csv", CSV), "33 bytes where its manifest says"),
        (CSV[:-4], listed("people.csv", CSV), "25 bytes where its manifest says 29"),
        (
            CSV.swapcase(),
            listed("people.csv", CSV),
            "has another SHA-256 than its manifest says",
        ),
        (CSV, listed("people.csv", CSV, 3), "has 2 records where its manifest says 3"),
        (b'a\n"', listed("people.csv", b'a\n"', 1), "record at line 2: not CSV"),
    ],
)
def test_what_is_not_as_its_manifest_says_is_refused_whole(
    source, folder, content, info, said
):
    name = deliver(folder, 1, files={"people.csv": content}, listing=[info])
    old(folder / "people.csv")
    assert walk(source)[0] == []
    assert said in reasons(folder)
    assert moved(folder, "refused") == [name, "people.csv"]
    # Its number is still missing: what builds on it waits, until it comes again.
    deliver(folder, 2)
    seen, notices = walk(source)
    assert (seen, [notice.kind for notice in notices]) == ([], ["gap"])
    deliver(folder, 1)
    assert [number for number, *_ in walk(source)[0]] == [1, 2]


def test_links_pipes_and_folders_are_refused(source, folder, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_bytes(CSV)
    deliver(folder, 1, files={"link.csv": CSV})
    (folder / "link.csv").unlink()
    (folder / "link.csv").symlink_to(secret)
    deliver(folder, 2, mode="full", files={"pipe.csv": CSV})
    (folder / "pipe.csv").unlink()
    os.mkfifo(folder / "pipe.csv")
    deliver(folder, 3, mode="full", files={"sub": CSV})
    (folder / "sub").unlink()
    (folder / "sub").mkdir()
    (folder / "4.manifest.json").symlink_to(secret)
    (folder / "5.manifest.json").mkdir()
    (folder / "bad\nname.manifest.json").write_text("{}")
    seen, notices = walk(source)
    assert seen == []
    assert [notice.kind for notice in notices] == ["refused"] * 6
    assert reasons(folder).count("is not a file") == 5
    assert secret.read_bytes() == CSV


def test_a_folder_that_is_a_link_below_is_not_followed(source, folder, tmp_path):
    deliver(folder, 1)
    (tmp_path / "elsewhere").mkdir()
    (folder / "taken").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unavailable, match="cannot be used"):
        walk(source)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_missing_folder_is_told(tmp_path):
    with pytest.raises(SetupError, match="cannot be opened: No such file"):
        walk(Landing("acme", Folder(tmp_path / "none")))


def test_what_was_not_decided_is_offered_again_and_nothing_behind_it(source, folder):
    deliver(folder, 1)
    deliver(folder, 2)
    for _ in range(2):
        assert [number for number, *_ in walk(source, take=False)[0]] == [1]
    assert [number for number, *_ in walk(source)[0]] == [1, 2]


def test_files_that_another_manifest_names_too_stay_for_it(source, folder):
    deliver(folder, 1, files={"people.csv": CSV}, source="other")
    deliver(folder, 2, mode="full", files={"people.csv": CSV})
    deliver(folder, 3, mode="full", files={"people.csv": CSV})
    assert [number for number, *_ in walk(source)[0]] == [2, 3]


# -- killed -----------------------------------------------------------------------

# Takes two deliveries and is killed at the n-th change of the file system.
KILLED = """
import os, sys
from pathlib import Path
from analytics.workforce.sources.folder import Folder, OpenFolder
from analytics.workforce.sources.landing import Landing
left = int(sys.argv[2])
def dying(change):
    def step(*given):
        global left
        if left == 0:
            os.kill(os.getpid(), 9)
        left -= 1
        return change(*given)
    return step
for name in ("make_folder", "write", "rename"):
    setattr(OpenFolder, name, dying(getattr(OpenFolder, name)))
with Landing("acme", Folder(Path(sys.argv[1]))).offers() as offers:
    for offer in offers:
        with offer.opened() as delivery:
            cells = [record.cells for record in delivery.records]
        if sys.argv[3] == "taken":
            print(offer.sequence, flush=True)
            offer.taken()
        else:
            offer.refused("because")
"""


@pytest.mark.parametrize("outcome", ["taken", "refused"])
def test_whenever_it_is_killed_the_next_walk_ends_what_was_begun(
    folder, source, outcome
):
    for left in range(20):
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        files = {"a.csv": CSV, "b.csv": CSV}
        deliver(folder, 1, files=files)
        done = subprocess.run(
            [sys.executable, "-c", KILLED, folder, str(left), outcome],
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=120,
        )
        if done.returncode == 0:
            break
        assert done.returncode == -9, done.stderr
        seen, _ = walk(source)
        # Offered again as long as its move had not begun, and never afterwards.
        assert len(seen) <= 1
        assert landed(folder) == []
        if outcome == "taken" or seen:
            assert moved(folder, "taken") == ["1.manifest.json", "a.csv", "b.csv"]
        else:
            assert moved(folder, "refused") == ["1.manifest.json", "a.csv", "b.csv"]
            assert "because" in reasons(folder)
        assert walk(source) == ([], [])
    else:
        pytest.fail("it was never done")
    assert left > 4


def test_a_file_that_came_after_a_kill_is_not_moved_with_the_former_one(folder, source):
    deliver(folder, 1, files={"people.csv": CSV})
    mark = ".taken~0000000001-20261101T000000000000Z~1.manifest.json"
    (folder / "1.manifest.json").rename(folder / mark)
    target = folder / "taken" / "0000000001-20261101T000000000000Z"
    target.mkdir(parents=True)
    (folder / "people.csv").rename(target / "people.csv")
    newer = b"employee_id\n9\n"
    deliver(folder, 2, files={"people.csv": newer}, records=1)
    seen, _ = walk(source)
    assert [number for number, *_ in seen] == [2]
    assert (target / "people.csv").read_bytes() == CSV
    assert hashlib.sha256(newer).hexdigest() in {
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (folder / "taken").glob("*/people.csv")
    }
