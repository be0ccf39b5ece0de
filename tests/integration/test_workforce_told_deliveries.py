"""What is told of deliveries: of nothing in them, of the bar, of whom they are new."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.workforce.run_records import records
from analytics.workforce.telling import stepped, tell
from lrs.errors import BadRequest
from lrs.services import Services
from tests.integration.hr_feed import CANONICAL, Feed, row


@pytest.fixture
def feed(services: Services, tmp_path: Path) -> Feed:
    return Feed(services.analytics().ledger, tmp_path)


def test_a_delta_without_records_is_no_drift(
    feed: Feed, capsys: pytest.CaptureFixture[str]
) -> None:
    feed.deliver(row("E1", job_title="Clerk"))
    path = feed.folder / "none.csv"
    path.write_text("employee_id,hire_date,org_unit_id\n")
    result = feed.read(path)
    assert (result.read, result.drift) == (0, ())
    capsys.readouterr()
    tell(result)
    assert capsys.readouterr().err.count("There are no records in it.") == 1
    # The next one is held against the last that said anything.
    assert feed.deliver(row("E2", job_title="Cook")).drift == ()


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf"])
def test_a_file_without_a_header_is_refused(feed: Feed, content: bytes) -> None:
    feed.mended(CANONICAL + '\n[format]\ntype = "csv"\n')
    path = feed.folder / "none.csv"
    path.write_bytes(content)
    with pytest.raises(BadRequest, match=r"none\.csv, line 1: is empty where"):
        feed.read(path)
    for run in records(feed.ledger, "default"):
        assert run.state == "refused"


def test_the_bar_goes_by_records_and_counts_each_once(feed: Feed) -> None:
    moved: list[int] = []
    tell_step = stepped(moved.append)
    for step, done in (("read", 1_000), ("store", 1_000), ("read", 1_500)):
        tell_step(step, done, None)
    assert sum(moved) == 1_500


def test_what_is_new_of_people_who_are_here_is_told(
    feed: Feed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert feed.deliver(row("E1"), row("E2")).known == 0
    before = row("E1", "LAB", effective_date="2023-06-01", hire_date="2023-06-01")
    result = feed.deliver(before, row("E2", "LAB"), row("E3"))
    assert (result.added, result.changed, result.known) == (2, 1, 1)
    tell(result)
    assert "New are rows of 1 person known before, too." in capsys.readouterr().err
