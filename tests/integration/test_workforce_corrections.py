"""A steward corrects what a run set aside, in a file that goes out and comes back."""

from __future__ import annotations

import csv
import stat
from pathlib import Path
from typing import Any

import orjson
import pytest

from analytics.identity.decisions import Signed
from analytics.workforce.corrections.giving_out import give_out
from analytics.workforce.corrections.taking_back import take_back
from analytics.workforce.engine.importing import ImportResult
from analytics.workforce.engine.replaying import replay
from analytics.workforce.run_records import Carried, record, records
from lrs.errors import BadRequest, Conflict
from lrs.services import Services
from tests.conftest import run_lrs
from tests.integration.hr_feed import CANONICAL, DAYS, Feed, row

SIGNED = Signed("ann@example.com", "Their system shifted cells")
SIGNED_BY = (SIGNED.by, SIGNED.reason)
Rows = dict[str, dict[str, str]]


class Steward:
    """Who gets a file of a run's records, corrects it and gives it back."""

    def __init__(self, feed: Feed, run: str) -> None:
        self.feed, self.run = feed, run
        self.path = feed.folder / f"wrong-{run}.csv"

    @property
    def _asked(self) -> Any:
        feed = self.feed
        its = record(feed.ledger, "default", self.run)
        return feed.ledger, "default", its, feed.mapping

    def export(self) -> Rows:
        self.path.unlink(missing_ok=True)
        give_out(*self._asked, self.path)
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            return {row["record"]: row for row in csv.DictReader(file)}

    def give_back(self, *rows: dict[str, str], **form: Any) -> ImportResult:
        columns = list(dict.fromkeys(name for row in rows for name in row))
        with self.path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, **form)
            writer.writeheader()
            writer.writerows(rows)
        return self.give()

    def give(self) -> ImportResult:
        corrections = take_back(*self._asked, self.path)
        return replay(*self._asked, corrections=corrections, signed=SIGNED)


@pytest.fixture
def feed(services: Services, tmp_path: Path) -> Feed:
    return Feed(services.analytics().ledger, tmp_path)


def told_by(services: Services, *options: str) -> str:
    return str(run_lrs(services.settings, "workforce", *options).stdout)


def held(feed: Feed) -> dict[str, Any]:
    """Return the newest row of everybody."""
    found: dict[str, Any] = {}
    for batch in feed.ledger.rows("default", "workforce"):
        found |= {row["employee_id"]: row for row in batch}
    return found


def test_records_that_no_mapping_can_read_are_corrected_and_taken(feed: Feed) -> None:
    wide, narrow = "E2,2024-01-01,2024-01-01,OPS,x,y,z\r\n", "E3,2024-01-01\r\n"
    long = f"E4,2024-01-01,2024-01-01,{'A' * 200_000},\r\n"
    run = feed.deliver(
        row("E1"), row("E5", hire_date="never"), end=wide + narrow + long
    )
    assert (run.added, run.set_aside) == (1, 4)
    steward = Steward(feed, run.run)
    out = steward.export()
    assert stat.S_IMODE(steward.path.stat().st_mode) == 0o600
    assert list(out) == ["3", "4", "5", "6"]
    assert out["3"]["reason"].startswith("hire_date is not a day of the form")
    assert out["4"]["reason"] == "has 7 cells where the header has 5"
    assert (out["3"]["employee_id"], out["3"]["hire_date"]) == ("E5", "never")
    assert {out[name]["employee_id"] for name in "456"} == {""}
    for name, unit in (("4", "A"), ("5", "B"), ("6", "C")):
        out[name] |= row(f"E{int(name) - 2}", unit)
    out["3"]["hire_date"] = "2024-02-01"
    result = steward.give_back(*out.values())
    assert (result.read, result.added, result.set_aside) == (4, 4, 0)
    units = {"E1": "OPS", "E2": "A", "E3": "B", "E4": "C", "E5": "OPS"}
    assert feed.units() == units
    assert held(feed)["E5"]["hire_date"] == "2024-02-01"
    assert feed.states(run.run) == dict.fromkeys("3456", "taken")
    assert feed.waiting(run.run) == feed.open() == 0
    told = feed.asides(run.run)["4"]
    assert (told.corrected_by, told.why) == (SIGNED.by, SIGNED.reason)
    newest = next(records(feed.ledger, "default"))
    assert (newest.by, newest.reason) == (SIGNED.by, SIGNED.reason)
    assert newest.file.startswith(steward.path.name)
    with pytest.raises(BadRequest, match="line 2: record 3 is taken already"):
        steward.give()
    with pytest.raises(BadRequest, match="nothing waits"):
        steward.export()


def test_what_is_refused_once_more_keeps_the_corrections(feed: Feed) -> None:
    run = feed.deliver(row("E1"), end="E2\r\nE3\r\n")
    steward = Steward(feed, run.run)
    good, bad = steward.export().values()
    result = steward.give_back(
        good | row("E2"), bad | row("E3", hire_date="31.02.2024")
    )
    assert (result.added, result.set_aside) == (1, 1)
    assert [problem.line for problem in result.quarantined] == [4]
    told = feed.asides(run.run)["4"]
    assert (told.state, told.kept, feed.waiting(run.run)) == ("refused", True, 1)
    again = steward.export()
    assert list(again) == ["4"]
    assert again["4"]["hire_date"] == "31.02.2024"
    # What was corrected is what a mended mapping reads, too.
    assert feed.replay(run.run).set_aside == 1
    assert steward.export()["4"]["hire_date"] == "31.02.2024"
    assert steward.give_back(again["4"] | {"hire_date": "2024-03-01", "reason": ""})
    assert held(feed)["E3"]["hire_date"] == "2024-03-01"


FORMULA = '=HYPERLINK("http://x")'


def test_a_cell_comes_back_as_it_went_out(feed: Feed) -> None:
    text = CANONICAL + '\n[sensitive]\nallow = ["Pay grade"]\n'
    plain = 'job_level = "job_level"\n'
    assert plain in text
    feed.mended(text.replace(plain, '"Pay grade" = "job_level"\n'))
    told = {"job_title": FORMULA, "job_code": "'=1", "Pay grade": "G7"}
    run = feed.deliver(row("E1", hire_date="never", **told))
    steward = Steward(feed, run.run)
    (out,) = steward.export().values()
    assert (out["job_title"], out["job_code"]) == (f"'{FORMULA}", "'=1")
    assert "Pay grade" not in out
    steward.give_back(out | {"hire_date": "2024-01-01"})
    found = held(feed)["E1"]
    names = ("job_title", "job_code", "job_level")
    assert [found[name] for name in names] == [FORMULA, "'=1", "G7"]
    # A new text is told from the quote that makes it harmless, too.
    run = feed.deliver(row("E2", hire_date="never"))
    steward = Steward(feed, run.run)
    (out,) = steward.export().values()
    mended = {"hire_date": "2024-01-01", "job_title": "'+49 Sales", "job_code": ""}
    steward.give_back(out | mended, delimiter=";")  # as some spreadsheets save it
    assert held(feed)["E2"]["job_title"] == "+49 Sales"


def test_lists_of_a_nested_record_come_back_as_lists(feed: Feed) -> None:
    path = feed.folder / "people.json"
    path.write_text(
        '[{"employee_id": "E1", "hire_date": 5, "org_unit_id": 17, "fte": 0.5, '
        '"regulatory_classes": ["a", "b"]}]'
    )
    run = feed.read(path)
    steward = Steward(feed, run.run)
    (out,) = steward.export().values()
    assert (out["regulatory_classes"], out["org_unit_id"]) == ('["a","b"]', "17")
    steward.give_back(out | {"hire_date": "2024-01-01"})
    found = held(feed)["E1"]
    asked = (found["regulatory_classes"], found["org_unit_id"], found["fte"])
    assert asked == (["a", "b"], "17", 0.5)


def test_a_wrong_file_is_refused_whole_with_its_place_and_rule(feed: Feed) -> None:
    run = feed.deliver(*(row(f"E{n}", hire_date="never") for n in range(3)))
    steward = Steward(feed, run.run)
    first, second, third = steward.export().values()
    feed.replay(run.run)
    good = {"hire_date": "2024-01-01"}
    for rows, said in (
        (
            [first | good, second | {"record": "99"}],
            "line 3: this run set no record 99",
        ),
        ([first | good, first | good], "line 3: 2 stands at line 2 too"),
        ([first | good, second | {"record": ""}], "line 3: record is empty"),
        ([first | {"Boss": "E9"}], r"line 1: column \d+, 'Boss', is no field"),
        ([{"employee_id": "E1"}], "line 1: has no column record"),
        ([first | good, second | {"reason": "is missing"}], "line 3: record 3 was set"),
    ):
        with pytest.raises(BadRequest, match=said):
            steward.give_back(*rows)
    head = "record,hire_date\n"
    for content, said in (
        (b"", "line 1: is empty where"),
        (b"a,b\n1,2\n", "has no column record"),
        (head.encode(), "has no records"),
        (b"PK\x03\x04 and more", "is a workbook or an archive: save it as CSV"),
        (bytes(range(256)), "not UTF-8 text"),
        ((head + "2,2024-01-01\n3,J\xe4nner\n").encode("cp1252"), "line 3: not UTF-8"),
        ((head + "2,2024-01-01\n3\n").encode(), "line 3: it has 1 cell where"),
        ((head + f"2,{'x' * 200_000}\n").encode(), "line 2: it has 200,000 characters"),
        ((head + '2,"2024-01-01\n').encode(), "not CSV"),
    ):
        steward.path.write_bytes(content)
        with pytest.raises(BadRequest, match=said):
            steward.give()
    assert held(feed) == {}
    assert feed.waiting(run.run) == 3
    with pytest.raises(Conflict, match="exists already"):
        give_out(*steward._asked, steward.path)
    assert steward.give_back(first | good, second | good, third | good).added == 3


def test_two_who_correct_at_once_do_not_take_a_record_twice(feed: Feed) -> None:
    run = feed.deliver(row("E1", hire_date="never"))
    steward = Steward(feed, run.run)
    (out,) = steward.export().values()
    late = None
    with steward.path.open("w") as file:
        file.write("record,hire_date\n2,2024-01-01\n")
    late = take_back(*steward._asked, steward.path)
    assert steward.give_back(out | {"hire_date": "2024-02-02"}).added == 1
    with pytest.raises((Conflict, BadRequest)):
        replay(*steward._asked, corrections=late, signed=SIGNED)
    assert held(feed)["E1"]["hire_date"] == "2024-02-02"


def test_what_a_later_delivery_said_is_not_undone_by_a_correction(feed: Feed) -> None:
    run = feed.deliver(row("E1", "OLD", fte="much"))
    feed.deliver(row("E1", "NEW"))
    steward = Steward(feed, run.run)
    (out,) = steward.export().values()
    result = steward.give_back(out | {"fte": "1"})
    assert (result.read, result.overtaken) == (0, 1)
    assert feed.units() == {"E1": "NEW"}


def test_fields_called_as_the_files_own_columns_keep_their_names(feed: Feed) -> None:
    text = CANONICAL.replace('job_title = "job_title"', 'reason = "job_title"')
    feed.mended(text)
    run = feed.deliver(row("E1", hire_date="never", reason="Clerk"))
    steward = Steward(feed, run.run)
    (out,) = steward.export().values()
    assert out["reason"] == "Clerk"
    assert out["set_aside_reason"].startswith("hire_date is not a day")
    steward.give_back(out | {"hire_date": "2024-01-01", "reason": "Cook"})
    assert held(feed)["E1"]["job_title"] == "Cook"


def test_whoever_takes_corrected_cells_later_names_who_corrected_them(
    feed: Feed, services: Services
) -> None:
    run = feed.deliver(row("E1"), end="E2\r\nE3\r\nE4\r\n").run
    steward = Steward(feed, run)
    late = {"hire_date": "01.02.2024"}
    second, third, _ = steward.export().values()
    steward.give_back(second | row("E2", **late), third | row("E3", **late))
    first = next(records(feed.ledger, "default")).run
    assert feed.replay(run, "3").set_aside == 1  # refused, and still hers
    told = feed.asides(run)["3"]
    assert (told.state, told.corrected_by, told.why) == ("refused", *SIGNED_BY)
    day = f'\n[fields.hire_date]\nto = "hire_date"\n{DAYS}\n'
    feed.mended(CANONICAL.replace('hire_date = "hire_date"\n', "") + day)
    result = feed.replay(run)  # all that can stand now, by nobody in particular
    assert (result.added, result.set_aside, result.absent) == (2, 0, ())
    assert set(feed.units()) == {"E1", "E2", "E3"}  # each by its own corrected cells
    asides = feed.asides(run)
    for name in ("3", "4"):
        it = asides[name]
        assert (it.state, it.by) == ("taken", result.run)
        assert (it.corrected_by, it.why) == SIGNED_BY
    assert (asides["5"].state, asides["5"].corrected_by) == ("waiting", None)
    newest = next(records(feed.ledger, "default"))
    assert newest.corrected == (Carried(first, SIGNED.by, SIGNED.reason, 2),)
    assert (newest.by, newest.reason) == ("", "")
    signed = f"as corrected by {SIGNED.by}"
    text = told_by(services, "quarantine", run)
    assert text.count(f"{signed} ({SIGNED.reason})") == 2
    listed = told_by(services, "runs").splitlines()
    assert f"2 {signed}: {SIGNED.reason.split()[0]}" in listed[1]  # wraps from there
    (told_run, *_) = orjson.loads(told_by(services, "runs", "--format", "json"))
    assert told_run["corrected"] == [
        {"run": first, "by": SIGNED.by, "reason": SIGNED.reason, "records": 2}
    ]
    rows = orjson.loads(told_by(services, "quarantine", run, "--format", "json"))
    whys = {it["record"]: (it["corrected_by"], it["why"]) for it in rows}
    assert whys == {"3": SIGNED_BY, "4": SIGNED_BY, "5": (None, None)}
