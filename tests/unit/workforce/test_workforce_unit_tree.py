"""Circles in the unit tree, through time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from random import Random

from analytics.workforce.unit_tree import Link, circular_links

DAYS = [f"2024-0{month}-01" for month in range(1, 7)]
Known = dict[Link, float]


def circular(*said: Link) -> set[Link]:
    return circular_links({}, said)


def test_a_tree_has_no_circle():
    assert not circular(Link("2024-01-01", "B", "A"), Link("2024-01-01", "C", "B"))


def test_a_circle_within_a_day_expels_all_its_links_and_no_other():
    circle = {
        Link("2024-01-01", "A", "C"),
        Link("2024-01-01", "B", "A"),
        Link("2024-01-01", "C", "B"),
    }
    assert circular(*circle, Link("2024-01-01", "D", "A")) == circle


def test_only_the_later_link_of_a_circle_is_expelled():
    first, second = Link("2024-01-01", "B", "A"), Link("2024-06-01", "A", "B")
    assert circular(second, first) == {second}


def test_two_units_may_change_places_on_one_day():
    before = Link("2024-01-01", "B", "A")
    after = [Link("2024-06-01", "A", "B"), Link("2024-06-01", "B", "R")]
    assert not circular(before, *after)


def test_an_expelled_link_leaves_the_former_tree():
    links = [
        Link("2024-01-01", "B", "A"),
        Link("2024-02-01", "A", "B"),
        Link("2024-03-01", "A", "R"),
    ]
    assert circular(*links) == {links[1]}


def test_a_unit_below_itself_is_a_circle():
    link = Link("2024-01-01", "A", "A")
    assert circular(link) == {link}


def test_two_circles_of_one_day_are_both_found():
    pairs = ["AB", "BA", "CD", "DC"]
    links = {Link("2024-01-01", unit, parent) for unit, parent in pairs}
    assert circular(*links) == links


def test_of_one_day_the_link_recorded_last_holds():
    day = "2024-01-01"
    known: Known = {Link(day, "A", "Z"): 1, Link(day, "B", "A"): 1}
    # It says of A what holds from now on, though Z is the greater text.
    said = Link(day, "A", "B")
    assert circular_links(known, [said]) == {said}
    # And B is below A no more.
    known[Link(day, "B", "C")] = 2
    assert not circular_links(known, [said])


def test_behind_an_expelled_link_the_one_recorded_before_it_holds():
    day = "2024-01-01"
    known: Known = {Link(day, "A", "C"): 1, Link(day, "B", "A"): 1}
    said = [Link(day, "A", "B"), Link(day, "C", "B")]
    # A stands below C again, so C cannot stand below B.
    assert circular_links(known, said) == set(said)


def test_no_link_that_is_left_closes_a_circle_on_any_day() -> None:
    expelled = 0
    for seed in range(3000):
        random = Random(seed)
        former = _links(random, random.randrange(9))
        known: Known = dict.fromkeys(former - circular(*former), 1.0)
        said = _links(random, random.randint(1, 6)) - known.keys()
        found = circular_links(known, said)
        assert found <= said
        expelled += bool(found)
        for day in DAYS:
            assert not _circling(_parents(known, said - found, day)), (seed, day)
        if not any(_circling(_parents(known, said, day)) for day in DAYS):
            assert not found, seed
    assert expelled > 300


def _links(random: Random, number: int) -> set[Link]:
    units = "ABCDEF"[: random.randint(2, 6)]
    return {Link(random.choice(DAYS), *random.sample(units, 2)) for _ in range(number)}


def _parents(
    known: Mapping[Link, float], said: Collection[Link], day: str
) -> dict[str, Link]:
    """Return the link of each unit that holds on a day."""
    both = [(link.day, recorded, link.parent, link) for link, recorded in known.items()]
    both += [(link.day, 1e9, link.parent, link) for link in said]
    return {link.unit: link for *_, link in sorted(both) if link.day <= day}


def _circling(holding: Mapping[str, Link]) -> bool:
    """Tell whether somebody's way up leads to where it began."""
    for link in holding.values():
        unit, steps = link.parent, 0
        while unit != link.unit and unit in holding and steps < len(holding):
            unit, steps = holding[unit].parent, steps + 1
        if unit == link.unit:
            return True
    return False
