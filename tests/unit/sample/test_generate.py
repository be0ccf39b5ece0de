"""The sample as a whole: sizes, sameness, nothing later than the last day."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from analytics.sample import SampleFiles
from analytics.sample.moments import instant, utc, window

from .conftest import Company

Maker = Callable[..., SampleFiles]


def _bytes(files: SampleFiles) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(files.folder.iterdir())}


def test_the_same_arguments_give_the_same_bytes(a_company: Maker) -> None:
    assert _bytes(a_company("one")) == _bytes(a_company("two"))


def test_another_seed_gives_another_company(a_company: Maker) -> None:
    one, two = _bytes(a_company("one")), _bytes(a_company("two", seed=7))
    assert all(one[name] != two[name] for name in one)


def test_the_full_size_is_as_asked(company: Company) -> None:
    counts = company.files.counts
    assert counts["people"] == 2000
    assert counts["units"] == 40
    assert counts["statements_sent"] == 60_000
    assert len({row["employee_id"] for row in company.workforce}) == 2000
    assert len({row["org_unit_id"] for row in company.workforce}) == 40
    assert len({row["location_id"] for row in company.workforce}) == 12
    assert len({row["job_code"] for row in company.workforce}) == 30
    assert 24 <= len(company.exemptions) <= 60


def test_the_counts_are_those_of_the_files(small_company: Company) -> None:
    counts = small_company.files.counts
    ids = Counter(one["id"] for one in small_company.statements)
    verbs = Counter(
        verb.rsplit("/", 1)[1]
        for verb in {
            one["id"]: one["verb"]["id"] for one in small_company.statements
        }.values()
    )
    assert small_company.answers["counts"] == counts
    assert counts["people"] == len({r["employee_id"] for r in small_company.workforce})
    assert counts["workforce_rows"] == len(small_company.workforce)
    assert counts["kpi_rows"] == len(small_company.kpi)
    assert counts["exemptions"] == len(small_company.exemptions)
    assert counts["statements_sent"] == len(small_company.statements) == 1500
    assert counts["statements_unique"] == len(ids)
    assert counts["repeated"] == sum(n - 1 for n in ids.values())
    assert counts["verbs"] == verbs


def test_nothing_lies_after_the_last_day(company: Company) -> None:
    end = datetime.combine(company.end, time(), UTC)
    moments = [datetime.fromisoformat(s["timestamp"]) for s in company.statements]
    assert max(moments) < end
    assert min(moments) > end - timedelta(days=24 * 31 + 31)
    days = [row["effective_date"] for row in company.workforce]
    days += [row["termination_date"] for row in company.workforce]
    days += [row["hire_date"] for row in company.workforce]
    days += [row["period_end"] for row in company.kpi]
    days += [row["from"] for row in company.exemptions]
    assert max(days) <= company.end.isoformat()


@pytest.mark.parametrize(
    "end", [date(2026, 1, 1), date(2027, 3, 31), date(2028, 2, 29)]
)
def test_any_day_can_be_the_last(a_company: Maker, end: date) -> None:
    assert a_company("any", end=end).counts["statements_sent"] == 1500


def test_few_statements_keep_the_sizes(a_company: Maker) -> None:
    assert a_company("few", statements=300).counts["statements_sent"] == 300


@pytest.mark.parametrize("sizes", [{"people": 20}, {"months": 2}, {"statements": 9}])
def test_sizes_that_hold_no_company_are_refused(
    a_company: Maker, sizes: dict[str, int]
) -> None:
    with pytest.raises(ValueError, match=r"sample needs|too few"):
        a_company("tiny", **sizes)


def test_progress_goes_up_to_its_total(a_company: Maker) -> None:
    told: list[tuple[int, int]] = []
    a_company("told", progress=lambda done, of: told.append((done, of)))
    assert told == sorted(told)
    assert told[-1] == (3000, 3000)


def test_the_months_are_whole_and_before_the_last_day() -> None:
    span = window(date(2026, 11, 20), 24)
    assert (span.start, span.months[-1]) == (date(2024, 11, 1), date(2026, 10, 1))
    assert (span.rollout, span.effect_from) == (date(2025, 10, 15), date(2025, 11, 1))


def test_an_afternoon_in_the_west_stays_before_the_last_day() -> None:
    span = window(date(2026, 11, 20), 24)
    rng = random.Random(1)
    for _ in range(200):
        at = instant(date(2026, 11, 19), "America/Mexico_City", rng, span.limit)
        assert utc(at).startswith("2026-11-19")


def test_the_folder_holds_the_five_files(small_company: Company) -> None:
    names = {path.name for path in Path(small_company.files.folder).iterdir()}
    assert names == {
        "workforce.csv",
        "kpi.csv",
        "exemptions.csv",
        "statements.ndjson.gz",
        "answers.json",
    }
