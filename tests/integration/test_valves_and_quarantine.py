"""Who was set aside is no employment: the valve counts those that are known."""

from pathlib import Path

import pytest

from analytics.workforce.engine.importing import import_file
from analytics.workforce.engine.terms import Terms
from analytics.workforce.engine.valves import Refused
from lrs.services import Services
from tests.integration.hr_feed import Feed

HIRED = {"hire_date": "2020-01-01", "org_unit_id": "U1"}


@pytest.fixture
def feed(services: Services, tmp_path: Path) -> Feed:
    return Feed(services.analytics().ledger, tmp_path)


def people(first: int, last: int, **more: str) -> list[dict[str, str]]:
    return [{"employee_id": f"E{n:03}"} | HIRED | more for n in range(first, last)]


def full(feed: Feed, number: int) -> None:
    """Deliver only the first ones, as everybody."""
    path = feed.folder / "full.csv"
    lines = [f"E{n:03},2020-01-01,U1" for n in range(number)]
    path.write_text("\n".join(["employee_id,hire_date,org_unit_id", *lines]))
    terms = Terms(mode="full")
    import_file(feed.ledger, "default", "workforce", path, feed.mapping, terms=terms)


@pytest.mark.parametrize("times", [1, 3])
def test_people_who_contradict_themselves_do_not_disarm_the_valve(
    feed: Feed, times: int
) -> None:
    feed.deliver(*people(0, 40))
    for _ in range(times):
        twice = people(100, 300) + people(100, 300, job_title="Other")
        assert feed.deliver(*twice).set_aside == 400
    with pytest.raises(Refused, match=r"would end 20 of 40 employments \(50"):
        full(feed, 20)


def test_people_of_a_circle_of_units_count_once(feed: Feed) -> None:
    feed.deliver(*people(0, 40))
    circle = people(100, 200, org_unit_id="A", org_parent_id="B")
    circle += people(200, 300, org_unit_id="B", org_parent_id="A")
    for added in (200, 0):
        done = feed.deliver(*circle)
        assert (done.added, done.set_aside, done.links_set_aside) == (added, 0, 200)
    with pytest.raises(Refused, match="would end 220 of 240 employments"):
        full(feed, 20)


def test_what_is_left_of_a_person_counts(feed: Feed) -> None:
    """Of their rows one is set aside; the other one ends, or begins, the employment."""
    feed.deliver(*people(0, 40))
    ends = people(36, 40, effective_date="2024-01-01", termination_date="2024-06-30")
    contradicts = people(36, 40, effective_date="2025-01-01")
    contradicts += people(36, 40, effective_date="2025-01-01", job_title="Other")
    new = people(40, 45) + people(40, 45, effective_date="2025-01-01")
    new += people(40, 45, effective_date="2025-01-01", job_title="Other")
    done = feed.deliver(*ends, *contradicts, *new)
    assert (done.set_aside, done.terminated) == (18, 4)
    with pytest.raises(Refused, match="would end 31 of 41 employments"):
        full(feed, 10)
