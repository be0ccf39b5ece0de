"""The tables of a mapping beside its fields: deliveries, valves, schedules."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics.workforce.engine.terms import DELTA, Terms
from analytics.workforce.engine.valves import Refused, check_fill
from analytics.workforce.mapping import Schedule, load_mapping
from lrs.errors import BadRequest
from tests.unit.workforce.mappings import a_mapping

SOURCE = '[source]\ntype = "folder"\n'


def test_a_mapping_that_says_nothing_has_the_usual_terms(tmp_path):
    mapping = a_mapping(tmp_path)
    assert mapping.terms == DELTA
    assert (mapping.schedule, mapping.format, mapping.source) == (None, {}, {})


def test_all_terms_are_read(tmp_path):
    mapping = a_mapping(
        tmp_path,
        '[delivery]\nmode = "full"\n'
        'missing_person = "retract"\nmissing_row = "retract"\n'
        "[valves]\nmax_terminated_share = 1\nmax_fill_rate_drop = 0.5\n"
        "always_allowed = 0\n[valves.fill_rate_drops]\nhire_date = 0.01\n"
        '[schedule]\ncron = "0 3 * * *"\ntime_zone = "Europe/Berlin"\n'
        f'[format]\ntype = "csv"\n{SOURCE}',
    )
    assert mapping.terms == Terms(
        mode="full",
        missing_person="retract",
        missing_row="retract",
        max_terminated_share=1,
        max_fill_rate_drop=0.5,
        fill_rate_drops={"hire_date": 0.01},
        always_allowed=0,
    )
    assert mapping.schedule == Schedule("0 3 * * *", "Europe/Berlin")
    assert (mapping.format, mapping.source) == ({"type": "csv"}, {"type": "folder"})


def test_a_column_may_have_a_limit_of_its_own():
    terms = Terms(max_fill_rate_drop=0.5, fill_rate_drops={"email": 0.1, "fte": 1})
    check_fill({"fte": 1.0, "email": 0.5}, {"email": 0.4}, terms)
    with pytest.raises(Refused, match="email from 50% to 30%"):
        check_fill({"email": 0.5}, {"email": 0.3}, terms)


@pytest.mark.parametrize(
    ("more", "place", "reason"),
    [
        ("[delivery]\nmodus = 1", "delivery.modus", "unknown"),
        ('[delivery]\nmode = "all"', "delivery.mode", "not one of delta, full"),
        ("[delivery]\nmode = 1", "delivery.mode", "not text"),
        ('[delivery]\nmissing_row = "retract"', "delivery.missing_row", "contradicts"),
        (
            '[delivery]\nmissing_person = "terminate"',
            "delivery.missing_person",
            "contradicts",
        ),
        (
            "[valves]\nmax_terminated_share = 10",
            "valves.max_terminated_share",
            "0 to 1",
        ),
        ("[valves]\nmax_terminated_share = nan", "max_terminated_share", "0 to 1"),
        ("[valves]\nmax_fill_rate_drop = true", "max_fill_rate_drop", "not a number"),
        ("[valves]\nalways_allowed = 1.5", "valves.always_allowed", "whole"),
        ("[valves]\nalways_allowed = -1", "valves.always_allowed", "from 0"),
        ("[valves]\nfill_rate_drops = 1", "fill_rate_drops", "not a table"),
        (
            "[valves.fill_rate_drops]\nemail = 0.1",
            "valves.fill_rate_drops.email",
            "no column that this mapping fills",
        ),
        ('[schedule]\ncron = "0 3 * * *"', "schedule", "nothing to fetch"),
        (SOURCE + "[schedule]", "schedule", "no cron"),
        (SOURCE + '[schedule]\ncron = "3"', "schedule.cron", "five fields"),
        (SOURCE + '[schedule]\ncron = "0 0 31 2 *"', "schedule.cron", "ever comes"),
        (SOURCE + '[schedule]\ncron = "0 0 * * MOO"', "schedule.cron", "ever comes"),
        (SOURCE + '[schedule]\ncron = "x x x x x x"', "schedule.cron", "five fields"),
        (
            SOURCE + '[schedule]\ncron = "0 3 * * *"\ntime_zone = "CEST"',
            "schedule.time_zone",
            "IANA",
        ),
        ("[source]", "source", "empty"),
        ("format = 1\n---\n", "format", "not a table"),
    ],
)
def test_wrong_terms_are_refused_with_file_key_and_rule(tmp_path, more, place, reason):
    with pytest.raises(BadRequest) as caught:
        a_mapping(tmp_path, more)
    assert caught.value.message.startswith("mapping acme.toml, ")
    assert place in caught.value.message
    assert reason in caught.value.message


def test_a_file_of_figures_ends_nobody(tmp_path):
    path = tmp_path / "kpi.toml"
    fields = (
        'kind = "kpi"\n[fields]\nNo = "employee_id"\nM = "metric"\n'
        'D = "period_start"\nV = "value"\n'
    )
    for more in ('[delivery]\nmode = "full"', "[valves]\nmax_terminated_share = 0.1"):
        path.write_text(fields + more)
        with pytest.raises(BadRequest, match=r"workforce files|delta for kpi files"):
            load_mapping(path)


@pytest.mark.parametrize(
    ("cron", "zone", "moment", "expected"),
    [
        ("0 3 * * *", "UTC", "2024-01-01T03:00:00", "2024-01-02T03:00:00"),
        ("0 3 * * *", "UTC", "2024-01-01T02:59:59", "2024-01-01T03:00:00"),
        ("0 3 * * *", "Europe/Berlin", "2024-07-01T00:00:00", "2024-07-01T01:00:00"),
        ("0 3 * * *", "Europe/Berlin", "2024-01-01T00:00:00", "2024-01-01T02:00:00"),
        # 02:30 does not exist on 31 March 2024 and comes twice on 27 October.
        ("30 2 * * *", "Europe/Berlin", "2024-03-31T00:00:00", "2024-03-31T01:00:00"),
        ("30 2 * * *", "Europe/Berlin", "2024-10-27T00:00:00", "2024-10-27T00:30:00"),
        ("30 2 * * *", "Europe/Berlin", "2024-10-27T00:30:00", "2024-10-28T01:30:00"),
        ("*/15 * * * MON", "UTC", "2024-01-01T23:50:00", "2024-01-08T00:00:00"),
    ],
)
def test_the_next_run_follows_the_clock_of_its_zone(cron, zone, moment, expected):
    after = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    found = Schedule(cron, zone).next_after(after)
    assert found == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert found.tzinfo is UTC
