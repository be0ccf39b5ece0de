"""The whole product in a real browser: HR files and Statements in, managers' pages out.

What a page shows is compared with what the API says, number by number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from whole_product import DAY, VERSION, Product, drawn, open_as, product

from analytics.charts.palette import STATUSES
from analytics.web import wording
from tests.conftest import run_lrs

pytestmark = pytest.mark.long

__all__ = ["open_as", "product"]  # fixtures


def cells(page: Page) -> list[list[str]]:
    """Return the text of every row of the page's table, its foot too."""
    rows = page.locator("table tbody tr, table tfoot tr").all()
    return [row.locator("th, td").all_inner_texts() for row in rows]


def as_shown(row: dict[str, Any]) -> list[str]:
    """Return the cells that a row of compliance_by_unit is shown as, without name."""
    return [
        wording.percent(row["strict_rate"]),
        wording.span(row["rate_low"], row["rate_high"]),
        wording.percent(row["due_rate"]),
        wording.percent(row["on_time_rate"]),
        wording.number(row["people"]),
        wording.number(row["fully_compliant_people"]),
        *(wording.number(row[status.column]) for status in STATUSES),
    ]


def children(product: Product, unit: str) -> list[dict[str, Any]]:
    rows = product.rows("compliance_by_unit", unit=unit)
    return [row for row in rows if row["level"] == 1]


def press_bar(page: Page, unit_id: str) -> None:
    """Click the widest segment of a unit's bar, found by its place on the axis."""
    index = page.evaluate(
        "unit => document.querySelector('[data-chart]').layout.yaxis.categoryarray"
        ".indexOf(unit)",
        unit_id,
    )
    boxes = [
        path.bounding_box()
        for trace in page.locator(".barlayer .trace").all()
        for path in trace.locator(".point path").all()[index : index + 1]
    ]
    box = max((box for box in boxes if box), key=lambda box: box["width"])
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_every_number_of_the_unit_page_is_that_of_the_api(
    product: Product,
    open_as: Callable[..., Page],
    screenshot: Callable[[Page, str], None],
) -> None:
    page = open_as("ACME", f"/units/ACME?as_of={DAY}")
    screenshot(page, "whole-product-unit")
    rows = {row["unit_id"]: row for row in product.rows("compliance_by_unit")}
    below = children(product, "ACME")
    shown = {name: figures for name, *figures in cells(page)}
    assert len(below) >= 2
    for row in below:
        assert shown[row["unit_name"]] == as_shown(row)
    top = rows["ACME"]
    assert shown[f"{top['unit_name']}, everyone"] == as_shown(top)
    assert sum(row["pairs"] for row in below) <= top["pairs"]


def test_the_command_line_says_the_same_as_the_api(product: Product) -> None:
    command = ("report", "compliance_by_unit", "--as-of", DAY, "--format", "json")
    said = json.loads(run_lrs(product.settings, *command).stdout)
    assert len(said) > 10
    assert said == product.rows("compliance_by_unit")


def test_the_bars_are_the_counts_of_the_api(
    product: Product, open_as: Callable[..., Page]
) -> None:
    page = open_as("ACME", f"/units/ACME?as_of={DAY}")
    data = page.evaluate(
        "() => document.querySelector('[data-chart]').data"
        ".map(t => [t.name, Object.fromEntries(t.customdata.map((u, i) => "
        "[u, Number(t.x[i])]))])"
    )
    counts = dict(data)
    assert list(counts) == [status.label for status in STATUSES]
    for row in children(product, "ACME"):
        for status in STATUSES:
            assert counts[status.label][row["unit_id"]] == row[status.column]


def test_a_click_leads_from_the_company_down_to_a_statement_that_is_stored(
    product: Product,
    open_as: Callable[..., Page],
    screenshot: Callable[[Page, str], None],
) -> None:
    middle = next(row for row in children(product, "ACME") if row["has_children"])
    last = max(
        (row for row in children(product, middle["unit_id"]) if row["compliant"]),
        key=lambda row: (not row["has_children"], row["pairs"]),
    )
    assert not last["has_children"]
    page = open_as("ACME", f"/units/ACME?as_of={DAY}")
    press_bar(page, middle["unit_id"])
    page.wait_for_url(f"**/units/{middle['unit_id']}?as_of={DAY}")
    drawn(page)
    press_bar(page, last["unit_id"])
    page.wait_for_url(f"**/units/{last['unit_id']}/people?as_of={DAY}")
    statuses = product.rows("compliance_status", unit=last["unit_id"])
    people = {row["person_id"] for row in statuses}
    assert len(cells(page)) == len(people) == last["people"]
    proven = next(row for row in statuses if row["statement_id"])
    page.get_by_role("link", name=proven["name"], exact=True).first.click()
    page.wait_for_url(f"**/people/{proven['person_id']}?as_of={DAY}")
    screenshot(page, "whole-product-person")
    shown = page.locator("td code").all_inner_texts()
    evidence = product.rows("evidence", person=proven["person_id"])
    assert sorted(shown) == sorted(row["statement_id"] for row in evidence)
    assert proven["statement_id"] in shown
    for statement_id in set(shown):
        answer = httpx.get(
            f"{product.url}/xapi/statements",
            params={"statementId": statement_id},
            auth=product.key,
            headers=VERSION,
        )
        assert answer.status_code == 200
        assert answer.json()["id"] == statement_id


@pytest.mark.parametrize("unit", ["ACME", "last"])
def test_the_effect_page_shows_interval_and_people_or_says_why_not(
    product: Product,
    open_as: Callable[..., Page],
    screenshot: Callable[[Page, str], None],
    unit: str,
) -> None:
    if unit == "last":
        unit = leaf(product)
    query = {"unit": unit} if unit != "ACME" else {}
    page = open_as(unit, f"/effect?as_of={DAY}")
    screenshot(page, f"whole-product-effect-{'all' if not query else 'unit'}")
    answer = product.report("training_effect", **query)
    assert answer.status_code == (400 if query else 200)  # a last unit is too small
    if query:
        note = page.get_by_role("note")
        expect(note).to_contain_text("No estimate can be given.")
        expect(note).to_contain_text(answer.json()["detail"])
        return
    (said,) = answer.json()
    text = page.locator(".figure-in-words").inner_text()
    for name in ("estimate", "ci_low", "ci_high"):
        assert wording.signed(said[name]) in text
    facts = page.locator("dl.facts").inner_text()
    assert re.search(rf"Trained people\s+{said['n_treated']}\b", facts)
    assert re.search(rf"Comparison people\s+{said['n_control']}\b", facts)


def leaf(product: Product) -> str:
    """Return a unit without units below it and with people."""
    rows = product.rows("compliance_by_unit")
    found = (row for row in rows if not row["has_children"] and row["people"] > 2)
    return str(next(found)["unit_id"])


def test_a_manager_opens_neither_another_unit_nor_a_foreign_person(
    product: Product, open_as: Callable[..., Page]
) -> None:
    own = leaf(product)
    rows = product.rows("compliance_status")
    foreign = next(row for row in rows if row["unit_id"] != own)
    person, unit = foreign["person_id"], foreign["unit_id"]
    mine = next(row for row in rows if row["unit_id"] == own)["person_id"]
    page = open_as(own, f"/people/{mine}?as_of={DAY}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(mine)
    for path in (
        f"/units/{unit}",
        f"/units/{unit}.csv",
        f"/units/{unit}/people",
        f"/units/{unit}/overdue",
        f"/people/{person}",
        f"/people/{person}/evidence.csv",
        "/units/ACME",
        "/people/NOBODY",
    ):
        page = open_as(own, "/login", refused=True)
        answer = page.goto(f"{path}?as_of={DAY}")
        assert answer is not None
        assert answer.status == 403, path
        assert foreign["name"] not in page.content()
        page.close()
