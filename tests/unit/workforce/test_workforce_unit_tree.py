"""Circles in the unit tree, through time."""

from __future__ import annotations

from analytics.workforce.unit_tree import Link, circular_links


def test_a_tree_has_no_circle():
    links = [Link("2024-01-01", "B", "A"), Link("2024-01-01", "C", "B")]
    assert circular_links([*links, Link("2024-01-01", "A", None)]) == set()


def test_a_circle_within_a_day_expels_all_its_links_and_no_other():
    circle = {
        Link("2024-01-01", "A", "C"),
        Link("2024-01-01", "B", "A"),
        Link("2024-01-01", "C", "B"),
    }
    below = Link("2024-01-01", "D", "A")
    assert circular_links([*circle, below]) == circle


def test_only_the_later_link_of_a_circle_is_expelled():
    first, second = Link("2024-01-01", "B", "A"), Link("2024-06-01", "A", "B")
    assert circular_links([second, first]) == {second}


def test_two_units_may_change_places_on_one_day():
    before = Link("2024-01-01", "B", "A")
    after = [Link("2024-06-01", "A", "B"), Link("2024-06-01", "B", None)]
    assert circular_links([before, *after]) == set()


def test_an_expelled_link_leaves_the_former_tree():
    links = [
        Link("2024-01-01", "B", "A"),
        Link("2024-02-01", "A", "B"),
        Link("2024-03-01", "A", "R"),
    ]
    assert circular_links(links) == {links[1]}


def test_a_unit_below_itself_is_a_circle():
    link = Link("2024-01-01", "A", "A")
    assert circular_links([link]) == {link}


def test_two_circles_of_one_day_are_both_found():
    pairs = ["AB", "BA", "CD", "DC"]
    links = {Link("2024-01-01", unit, parent) for unit, parent in pairs}
    assert circular_links(links) == links
