"""A browser's session ends for good: at sign-out and with a new password."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lrs.app import create_app
from lrs.services import Services

EMAIL, PASSWORD = "ann@acme.example", "correct horse battery"


def token(page: Any) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found
    return found[1]


def signed_in(app: Any) -> Any:
    browser = app.test_client()
    form = {"email": EMAIL, "password": PASSWORD}
    form["csrf_token"] = token(browser.get("/login"))
    answer = browser.post("/login", data=form)
    assert answer.status_code == 303, answer.text
    return browser


def is_signed_in(browser: Any) -> bool:
    return not browser.get("/").headers["Location"].startswith("/login")


@pytest.fixture
def app(services: Services) -> Any:
    services.accounts.put("default", EMAIL, "Ann", "ACME", PASSWORD)
    return create_app(services)


def cookie_of(browser: Any) -> str:
    return str(browser.get_cookie("session").value)


def test_a_copied_cookie_does_not_outlive_the_sign_out(
    app: Any, services: Services
) -> None:
    browser, other = signed_in(app), signed_in(app)
    thief = app.test_client()
    thief.set_cookie("session", cookie_of(browser))
    assert is_signed_in(thief)
    account = services.accounts.find("default", EMAIL)
    assert account is not None
    with browser.session_transaction() as session:
        mark = session["account"][2]
    services.accounts.end_session(account, mark)
    assert not is_signed_in(thief)
    assert is_signed_in(other)


def test_a_new_password_ends_every_session(app: Any, services: Services) -> None:
    browser = signed_in(app)
    services.accounts.put("default", EMAIL, "Ann", "ACME", "another password")
    assert not is_signed_in(browser)
