"""The served pages in Chromium, shared by the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from page_scaffold import PASSWORD, an_app, served
from playwright.sync_api import Browser, BrowserContext, Page, StorageState

SCREENSHOTS = Path(__file__).parents[2] / ".screenshots"

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def pages_url() -> Iterator[str]:
    with served(an_app()) as url:
        yield url


@pytest.fixture(scope="session")
def signed_in(chromium: Browser, pages_url: str) -> Callable[[str], StorageState]:
    """Sign a manager in through the form, once, and return the cookies."""

    @cache
    def state(email: str) -> StorageState:
        with chromium.new_context(base_url=pages_url) as context:
            page = context.new_page()
            page.goto("/login")
            page.get_by_label("E-mail").fill(email)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/units/**")
            return context.storage_state()

    return state


@pytest.fixture(scope="session")
def context_of(
    chromium: Browser, pages_url: str, signed_in: Callable[[str], StorageState]
) -> Callable[[str, bool], BrowserContext]:
    """Give the context of a signed-in manager, with scripts or without.

    It is one for all tests, and a page of it stays open: so the process lives on that
    has compiled the scripts. Whoever signs in or out takes a context of their own.
    """

    @cache
    def context(email: str, scripts: bool) -> BrowserContext:
        made = chromium.new_context(
            base_url=pages_url,
            java_script_enabled=scripts,
            storage_state=signed_in(email),
        )
        made.new_page().goto("/effect")
        return made

    return context


@pytest.fixture
def opened(
    chromium: Browser,
    pages_url: str,
    context_of: Callable[[str, bool], BrowserContext],
) -> Iterator[Open]:
    """Open a path as a signed-in manager; the test fails on any console error."""
    own: list[BrowserContext] = []
    pages: list[Page] = []
    errors: list[str] = []

    def open_page(
        path: str = "/",
        *,
        email: str | None = "ceo@acme.example",
        width: int = 1440,
        scripts: bool = True,
        may_fail: bool = False,
    ) -> Page:
        if email:
            context = context_of(email, scripts)
        else:
            context = chromium.new_context(
                base_url=pages_url, java_script_enabled=scripts
            )
            own.append(context)
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        pages.append(page)
        if not may_fail:
            page.on(
                "console",
                lambda line: (
                    errors.append(line.text)
                    if line.type in {"error", "warning"}
                    else None
                ),
            )
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path)
        if scripts:
            for chart in page.locator("[data-chart]").all():
                chart.locator("xpath=self::*[@data-drawn]").wait_for(timeout=15_000)
        return page

    yield open_page
    for page in pages:
        page.close()
    for context in own:
        context.close()
    assert errors == []


@pytest.fixture(scope="session")
def screenshot() -> Callable[[Page, str], None]:
    """Keep a picture of the whole page for the people who look at them."""
    SCREENSHOTS.mkdir(exist_ok=True)

    def keep(page: Page, name: str) -> None:
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    return keep
