"""What may be asked of a report: filters, contradictions, pages; over small worlds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import orjson
import pytest

from analytics.reports.catalogue import questions
from analytics.reports.choices import month_ends
from analytics.reports.paging import Page
from analytics.reports.reports import Reports
from analytics.reports.result import ReportResult
from lrs.errors import BadRequest, NotFound, TooLarge
from tests.sql.world import RUN_AT

DAY = date(2026, 6, 30)
PAGED = [name for name in questions() if not name.startswith("training_effect")]
FIRE = "00000000-0000-4000-8000-000000000006"


@pytest.fixture(scope="module")
def ask(world: Callable[[str], Reports]) -> Callable[..., ReportResult]:
    def run(name: str, **given: Any) -> ReportResult:
        bounds = {key: given.pop(key) for key in ASKED if key in given}
        return world("company").run(
            name, "default", **{"as_of": DAY, **bounds}, parameters=given
        )

    return run


ASKED = ("as_of", "known_at", "unit", "scope_unit", "person", "limit", "after")

# -- filters ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "people"),
    [
        ({"location": "LNZ"}, {"M1", "E1", "E2"}),
        ({"job": "WK"}, {"E1", "E2", "E3"}),
        ({"manager": "E1"}, {"E4"}),
        ({"worker_type": "contractor"}, set()),
        ({"requirement": "HAZ-01"}, {"E1", "E2", "E3"}),
        ({"status": "EXPIRING"}, {"B1", "M1", "E1"}),
        ({"unit": "SOUTH"}, {"E3", "E4"}),
        ({"job": "WK", "location": "LNZ", "status": "OVERDUE"}, {"E2"}),
    ],
)
def test_filters_narrow_a_list_and_work_together(
    ask: Callable[..., ReportResult], given: dict[str, str], people: set[str]
) -> None:
    rows = ask("compliance_status", **given).rows
    assert {row["person_id"] for row in rows} == people


def test_a_filter_acts_on_figures_as_on_lists(ask: Callable[..., ReportResult]) -> None:
    (top, *_) = ask("compliance_by_unit", job="WK", requirement="HAZ-01").rows
    assert (top["people"], top["pairs"], top["compliant"]) == (3, 3, 1)
    (all_of_it,) = ask("compliance_by_location", location="GRZ").rows
    assert (all_of_it["location_id"], all_of_it["pairs"]) == ("GRZ", 2)
    (point,) = ask("compliance_trend", months="1", location="LNZ").rows
    assert (point["people"], point["pairs"]) == (3, 5)


WRONG = [
    ("compliance_by_unit", {"status": "OVERDUE"}, "takes no status: it counts all"),
    ("compliance_trend", {"status": "OVERDUE"}, "takes no status"),
    ("compliance_by_unit", {"months": "3"}, "takes no months: it is of one day"),
    ("compliance_status", {"days": "30"}, "takes no days"),
    ("compliance_status", {"status": "overdue"}, "A status is one of"),
    ("compliance_status", {"worker_type": "robot"}, "A worker_type is one of"),
    ("expiring", {"days": "45"}, "A days is one of: 30, 60, 90"),
    ("compliance_trend", {"months": "0"}, "months is a number from 1 to 60"),
    ("compliance_trend", {"months": "61"}, "months is a number"),
    ("compliance_trend", {"months": "\N{ARABIC-INDIC DIGIT THREE}"}, "months is a"),
    ("compliance_status", {"requirement": "FIRE-99"}, "no requirement FIRE-99"),
    ("compliance_status", {"location": " "}, "location is empty"),
    ("overdue_people", {"status": "GRACE"}, "is of OVERDUE and EXPIRED only"),
    ("reconciliation", {"location": "LNZ"}, "takes no location"),
]


@pytest.mark.parametrize(("name", "given", "said"), WRONG)
def test_a_wrong_parameter_is_refused_with_the_reason(
    ask: Callable[..., ReportResult], name: str, given: dict[str, str], said: str
) -> None:
    with pytest.raises(BadRequest, match=said):
        ask(name, **given)


def test_a_requirement_that_begins_after_the_day_is_refused(
    ask: Callable[..., ReportResult],
) -> None:
    day = date(2025, 12, 31)
    with pytest.raises(BadRequest, match=r"HAZ-01 begins on 2026-01-01.* 2025-12-31"):
        ask("compliance_status", requirement="HAZ-01", as_of=day)
    assert ask("compliance_status", requirement="HAZ-01", as_of=date(2026, 1, 1)).rows


@pytest.mark.parametrize(
    ("name", "value"), [("location", "GRZ"), ("job", "CEO"), ("manager", "B1")]
)
def test_what_nobody_in_the_area_ever_had_is_answered_like_what_does_not_exist(
    ask: Callable[..., ReportResult], name: str, value: str
) -> None:
    assert ask("compliance_status", **{name: value}).rows
    said = set()
    for wrong in (value, "NOWHERE"):
        with pytest.raises(NotFound) as caught:
            ask("compliance_status", scope_unit="LAB", **{name: wrong})
        said.add(caught.value.message)
    assert said == {f"There is no such {name} in your area."}


# -- pages --------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGED)
def test_the_pages_of_a_report_add_up_to_the_whole(
    ask: Callable[..., ReportResult], name: str
) -> None:
    given = {"months": "3"} if name == "compliance_trend" else {}
    whole = ask(name, **given)
    assert whole.total == len(whole.rows)
    assert whole.after is None
    size = max(1, len(whole.rows) // 2)
    found, after = [], None
    while True:
        page = ask(name, limit=size, after=after, **given)
        assert page.total == whole.total
        assert page.columns == whole.columns
        assert 0 < len(page.rows) <= size
        found += page.rows
        after = page.after
        if after is None:
            break
    assert found == whole.rows


def test_a_page_after_rows_that_changed_is_refused(
    ask: Callable[..., ReportResult],
) -> None:
    after = ask("compliance_status", limit=2).after
    for given in ({"status": "OVERDUE"}, {"as_of": date(2026, 1, 31)}):
        with pytest.raises(BadRequest, match="begin again"):
            ask("compliance_status", limit=2, after=after, **given)
    with pytest.raises(BadRequest, match="begin again"):
        ask("compliance_status", limit=2, after="999.0123456789abcdef")


@pytest.mark.parametrize("after", ["", "2", "0.0123456789abcdef", "1.XYZ", "-1.0"])
def test_a_place_that_no_page_gave_is_refused(after: str) -> None:
    with pytest.raises(BadRequest, match="the page before gave"):
        Page(5, after)


@pytest.mark.parametrize("limit", [0, -1, 100_001])
def test_a_page_has_a_row_at_least_and_an_end(limit: int) -> None:
    with pytest.raises(BadRequest, match="limit is a number from 1"):
        Page(limit)


# -- what a report says of itself ---------------------------------------------------


def test_a_report_says_what_was_asked_and_how_old_its_sources_are(
    ask: Callable[..., ReportResult],
) -> None:
    meta = ask("compliance_status", unit="NORTH", status="OVERDUE").meta
    assert meta.asked == {"unit": "NORTH", "status": "OVERDUE"}
    assert meta.sources == {"canonical": RUN_AT}
    assert meta.unresolved_share == pytest.approx(1 / 10)  # one is voided


def test_the_age_of_a_source_is_what_was_known_then(
    ask: Callable[..., ReportResult],
) -> None:
    then = datetime(2026, 6, 30, tzinfo=UTC)
    assert ask("compliance_status", known_at=then).meta.sources == {}


def test_evidence_has_the_digest_of_the_stored_text(
    ask: Callable[..., ReportResult], world: Callable[[str], Reports]
) -> None:
    (stored,) = world("company").statements("default", [FIRE])
    (row,) = ask("evidence", person="E3", requirement="FIRE-01").rows
    assert row["statement_id"] == FIRE
    assert row["sha256"] == sha256(stored.text.encode()).hexdigest()
    assert orjson.loads(str(row["authority"]))["name"] == "A tool"
    assert row["duration"] == "PT20M"


def test_months_end_on_their_last_day_and_the_last_one_on_the_day_asked_for() -> None:
    assert month_ends(date(2026, 3, 15), 3) == [
        date(2025, 12, 31),
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 15),
    ]
    assert month_ends(date(2024, 3, 1), 1) == [date(2024, 2, 29), date(2024, 3, 1)]


def test_what_needs_too_much_memory_is_refused_with_a_way_out(
    ask: Callable[..., ReportResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask("evidence", person="E1") is not None
    monkeypatch.setattr("analytics.reports.session._MEMORY", "1MB")
    with pytest.raises(TooLarge, match="ask for a unit, a person"):
        ask("evidence")


def test_who_was_merged_is_told_who_they_are_and_only_in_the_area(
    world: Callable[[str], Reports],
) -> None:
    reports, merged = world("merged_people"), datetime(2026, 6, 10, tzinfo=UTC)

    def ask_for(person: str, name: str = "transcript", **more: Any) -> ReportResult:
        given = {"as_of": date(2026, 3, 15), "known_at": merged} | more
        return reports.run(name, "default", person=person, **given)

    for area in (None, "HALL", "YARD"):  # both are of one person
        with pytest.raises(NotFound, match="C1 was merged into E1: ask for that"):
            ask_for("C1", scope_unit=area)
    for person, area in (("C9", None), ("C2", "HALL"), ("E2", "HALL")):
        with pytest.raises(NotFound, match="no such person in your area"):
            ask_for(person, scope_unit=area)
    assert ask_for("E1", "compliance_status").rows
    before = datetime(2026, 5, 31, tzinfo=UTC)
    assert ask_for("C1", "compliance_status", known_at=before).rows
