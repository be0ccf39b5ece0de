"""Reports as pages, over the whole product: what they show is what the API says."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect
from whole_product import DAY, Product, drawn, open_as, product

from analytics.reports.catalogue import questions
from analytics.web.report_charts import CHARTS
from tests.workbook_reader import sheets

pytestmark = pytest.mark.long

__all__ = ["open_as", "product"]  # fixtures
SHOWN = [name for name in questions() if not name.startswith("training_effect")]
# One of each kind of chart, and of a table: the others are the same page.
LOOKED_AT = [
    *("unit_requirement_matrix", "overdue_people", "expiring", "compliance_trend"),
    *("compliance_by_manager", "compliance_by_job", "evidence", "data_quality"),
]
Open = Callable[..., Page]


def fits_a_phone(page: Page) -> None:
    """Wait until the page, its chart too, fits 360 pixels; fields have their labels."""
    page.set_viewport_size({"width": 360, "height": 800})
    page.wait_for_function(
        "() => document.documentElement.scrollWidth <= innerWidth", timeout=15_000
    )
    unnamed = page.evaluate(
        "() => [...document.querySelectorAll('input:not([type=hidden]),select')]"
        ".filter(field => !field.labels.length).length"
    )
    assert unnamed == 0


@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_report_page_shows_the_rows_of_the_api(
    product: Product, open_as: Open, screenshot: Callable[[Page, str], None], name: str
) -> None:
    query = {
        "compliance_trend": {"months": "3"},  # faster
        # Of a unit, as the page is: some figures are of the whole company.
        "data_quality": {"unit": "ACME"},
    }.get(name, {})
    more = "".join(f"&{key}={value}" for key, value in query.items())
    page = open_as("ACME", f"/reports/{name}?as_of={DAY}{more}")
    answer = product.report(name, limit="50", **query)
    rows = answer.json()
    screenshot(page, f"report-{name}")
    table = page.locator("table.rows tbody tr")
    assert table.count() == len(rows)
    total = int(answer.headers["X-Report-Total-Rows"])
    if total > len(rows):
        expect(page.get_by_role("status").first).to_have_text(f"50 of {total:,} rows")
    if rows:
        first = table.first.locator("th, td").all_inner_texts()
        assert len(first) == len(rows[0])
        assert page.locator("[data-chart]").count() == (name in CHARTS)
    expect(page.locator(".holds")).to_contain_text("HR data of canonical")
    expect(page.locator(".holds")).to_contain_text("Unresolved")
    fits_a_phone(page)
    screenshot(page, f"report-{name}-narrow")


def test_pages_follow_each_other_by_the_keyboard_to_the_last_row(
    product: Product, open_as: Open
) -> None:
    everybody = product.rows("compliance_status")
    many = Counter(row["status"] for row in everybody)
    status = min((one for one in many if many[one] > 50), key=lambda one: many[one])
    page = open_as("ACME", f"/reports/compliance_status?as_of={DAY}&status={status}")
    expected = [
        [row["person_id"], row["requirement"]]
        for row in everybody
        if row["status"] == status
    ]
    found: list[list[str]] = []
    while True:
        for row in page.locator("table.rows tbody tr").all():
            cells = row.locator("th, td").all_inner_texts()
            found.append([cells[0], cells[4]])
        following = page.get_by_role("link", name="Next page")
        if not following.count():
            break
        following.focus()
        with page.expect_navigation(url=re.compile(r"after=")):
            page.keyboard.press("Enter")
        assert len(found) < len(expected)
    assert found == expected


def test_filters_of_the_form_narrow_the_table_and_the_files(
    product: Product, open_as: Open
) -> None:
    page = open_as("ACME", f"/reports/overdue_people?as_of={DAY}")
    code = product.rows("overdue_people")[0]["requirement"]
    page.get_by_label("Requirement").select_option(code)
    page.get_by_role("button", name="Show").last.click()
    page.wait_for_url(re.compile(f"requirement={code}"))
    drawn(page)
    expected = product.rows("overdue_people", requirement=code)
    assert len(expected) == page.locator("table.rows tbody tr").count() or (
        len(expected) > 50
    )
    with page.expect_download() as fetched:
        page.get_by_role("link", name="CSV").click()
    text = fetched.value.path().read_text()
    assert len(list(csv.DictReader(io.StringIO(text)))) == len(expected)
    with page.expect_download() as fetched:
        page.get_by_role("link", name="XLSX").click()
    with fetched.value.path().open("rb") as file:
        rows, about = sheets(file)
    assert len(rows) == len(expected) + 1
    assert ["Asked: requirement", code] in about
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Parquet").click()
    assert pq.read_table(fetched.value.path()).num_rows == len(expected)
    assert fetched.value.suggested_filename == f"overdue_people-{DAY}.parquet"


def test_the_catalogue_leads_to_every_report(open_as: Open) -> None:
    page = open_as("ACME", f"/reports?as_of={DAY}")
    links = page.locator("main table a").all()
    assert len(links) == len(SHOWN)
    for name, at in zip(SHOWN, links, strict=True):
        address = str(at.get_attribute("href"))
        assert address == f"/reports/{name}?as_of={DAY}"
        if name not in LOOKED_AT:
            assert page.request.get(address).status == 200


def test_a_manager_sees_of_every_report_what_lies_in_their_area_only(
    product: Product, open_as: Open
) -> None:
    rows = product.rows("compliance_by_unit")
    own = next(r for r in rows if not r["has_children"] and r["people"] > 2)["unit_id"]
    inside = {row["person_id"] for row in product.rows("compliance_status", unit=own)}
    outside = {row["person_id"] for row in product.rows("compliance_status")} - inside
    page = open_as(own, f"/reports/transcript?as_of={DAY}")
    shown = {
        row.locator("th").inner_text()
        for row in page.locator("table.rows tbody tr").all()
    }
    assert not shown & outside
    for query in (f"unit={rows[0]['unit_id']}", "location=NOWHERE", "days=30"):
        page = open_as(own, "/login", refused=True)
        answer = page.goto(f"/reports/compliance_status?as_of={DAY}&{query}")
        assert answer is not None
        assert answer.status in {400, 403, 404}
        page.close()
