"""The manager's pages in a real browser: drawing, clicking, reading, small screens."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from page_scaffold import PASSWORD
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.long

Open = Callable[..., Page]
Keep = Callable[[Page, str], None]

PAGES = {
    "unit": "/units/ACME",
    "last-unit": "/units/PLANT-N",
    "people": "/units/OPS/people",
    "overdue": "/units/ACME/overdue",
    "person": "/people/E1009",
    "effect": "/effect",
    "refused": "/units/NOWHERE",
}


def bars(page: Page, trace: int = 0) -> list[dict[str, float]]:
    """Return the boxes of the bars of one trace, from the top."""
    found = page.locator(".barlayer .trace").nth(trace).locator(".point path")
    return [box for item in found.all() if (box := item.bounding_box())]


def press(page: Page, box: dict[str, float]) -> None:
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("name", PAGES)
def test_page_fits_the_screen_without_a_console_error(
    opened: Open, screenshot: Keep, name: str, width: int
) -> None:
    page = opened(PAGES[name], width=width, may_fail=name == "refused")
    screenshot(page, f"{name}-{width}")
    inner = page.evaluate("document.documentElement.scrollWidth")
    assert inner <= width


@pytest.mark.parametrize("width", [390, 1440])
def test_sign_in_page_fits_the_screen(
    opened: Open, screenshot: Keep, width: int
) -> None:
    page = opened("/login", email=None, width=width)
    screenshot(page, f"login-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_chart_draws_a_bar_for_each_child_and_those_directly_in_the_unit(
    opened: Open,
) -> None:
    page = opened("/units/ACME")
    assert len(bars(page)) == 5
    expect(page.locator(".ytick")).to_contain_text(
        ["Operations", "Sales", "<b>Culture</b>", "Information", "Directly in Acme"]
    )


def test_clicking_a_bar_opens_that_unit_on_the_same_day(opened: Open) -> None:
    page = opened("/units/ACME?as_of=2026-05-31")
    press(page, bars(page)[0])
    page.wait_for_url("**/units/OPS?as_of=2026-05-31")
    expect(page.get_by_role("heading", level=1)).to_have_text("Operations")
    expect(page.get_by_label("As of")).to_have_value("2026-05-31")


def test_pointing_at_a_bar_tells_unit_status_and_share(opened: Open) -> None:
    page = opened("/units/ACME")
    box = bars(page)[0]
    page.mouse.move(box["x"] + 9, box["y"] + 9)
    expect(page.locator(".hoverlayer .hovertext")).to_contain_text("Operations")
    expect(page.locator(".hoverlayer .hovertext")).to_contain_text("Compliant:")


def test_pointing_at_a_month_tells_its_people(opened: Open) -> None:
    page = opened("/effect")
    box = page.locator(".scatterlayer .trace .points path").nth(8).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".hoverlayer .hovertext")).to_contain_text("people")


def test_clicking_the_bar_of_a_last_unit_opens_its_people(opened: Open) -> None:
    page = opened("/units/OPS")
    press(page, bars(page)[0])
    page.wait_for_url("**/units/PLANT-N/people")


def test_day_picker_shows_the_figures_of_that_day(opened: Open) -> None:
    page = opened("/units/ACME")
    page.get_by_label("As of").fill("2026-03-31")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**as_of=2026-03-31*")
    link = page.get_by_role("link", name="People and their statuses")
    expect(link).to_have_attribute("href", re.compile("as_of=2026-03-31"))


def test_drill_down_to_the_evidence_by_keyboard_alone(opened: Open) -> None:
    page = opened("/units/PLANT-N")
    for name in ("People and their statuses", "Ana"):
        page.get_by_role("link", name=name).first.focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/people/E"))


def test_first_tab_reaches_the_skip_link(opened: Open) -> None:
    page = opened("/units/ACME")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")


@pytest.mark.parametrize("name", ["unit", "people", "person", "effect"])
def test_tables_are_there_without_javascript(opened: Open, name: str) -> None:
    page = opened(PAGES[name], scripts=False)
    expect(page.locator("table tbody tr").first).to_be_visible()
    expect(page.locator(".main-svg")).to_have_count(0)


def test_plotly_adds_no_style_element(opened: Open) -> None:
    page = opened("/units/ACME")
    expect(page.locator(".main-svg").first).to_be_visible()
    expect(page.locator("style")).to_have_count(0)


def test_our_style_sheet_has_the_place_plotly_looks_for(opened: Open) -> None:
    """The drawing area takes the click: its rule came through our sheet."""
    page = opened("/units/ACME")
    layer = page.locator(".draglayer").first
    shown = layer.evaluate("node => getComputedStyle(node).pointerEvents")
    assert shown == "all"


def test_chart_of_the_effect_has_both_lines_the_mark_and_the_interval(
    opened: Open,
) -> None:
    page = opened("/effect")
    expect(page.locator(".scatterlayer .trace")).to_have_count(3)
    expect(page.locator(".annotation")).to_contain_text(["Roll-out"])
    expect(page.locator(".errorbar")).to_have_count(1)


def test_markup_in_a_unit_name_is_shown_as_text(opened: Open) -> None:
    page = opened("/units/HR")
    expect(page.get_by_role("heading", level=1)).to_have_text("People & <b>Culture</b>")


def test_a_failed_sign_in_says_so_and_a_good_one_goes_on_to_the_page_asked_for(
    opened: Open,
) -> None:
    page = opened("/units/OPS/overdue", email=None, may_fail=True)
    for password in ("wrong", PASSWORD):
        page.get_by_label("E-mail").fill("ops@acme.example")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        if password == "wrong":
            expect(page.get_by_role("alert")).to_contain_text("did not work")
    page.wait_for_url("**/units/OPS/overdue")


def test_signing_out_closes_the_pages(opened: Open) -> None:
    # A session of its own: what is signed out is gone, also for a copied cookie.
    page = opened("/units/OPS", email=None)
    page.get_by_label("E-mail").fill("ops@acme.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/units/OPS")
    kept = page.context.cookies()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")
    page.context.add_cookies(kept)
    page.goto("/units/OPS")
    page.wait_for_url("**/login")


def test_csv_link_downloads_the_table(opened: Open) -> None:
    page = opened("/units/ACME?as_of=2026-05-31")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download CSV").click()
    assert waiting.value.suggested_filename == "unit-ACME-2026-05-31.csv"


@pytest.mark.parametrize("name", PAGES)
def test_every_field_has_a_label_and_every_table_its_headers(
    opened: Open, name: str
) -> None:
    page = opened(PAGES[name], may_fail=name == "refused")
    bare = page.evaluate(
        """() => [
          ...[...document.querySelectorAll("input:not([type=hidden]), select")]
            .filter(field => !field.labels.length && !field.ariaLabel),
          ...[...document.querySelectorAll("table")]
            .filter(table => !table.querySelector("thead th[scope=col]")),
          ...[...document.querySelectorAll("img:not([alt])")],
        ].map(node => node.outerHTML)"""
    )
    assert bare == []
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
