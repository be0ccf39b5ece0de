"""Rules of the pages that need no browser: scope, headers, sign-in, downloads."""

from __future__ import annotations

import csv
import gzip
import io
import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from page_scaffold import PASSWORD, Accounts, Reports, an_app

from analytics.charts.palette import STATUSES
from analytics.charts.plotly_js import plotly_js
from analytics.spreadsheets import csv_text
from analytics.web import wording
from analytics.web.effect import hide_small_cells
from analytics.web.throttle import Throttle

pytestmark = pytest.mark.long


def token(client: FlaskClient, path: str = "/login") -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def sign_in(
    client: FlaskClient, email: str = "ops@acme.example", password: str = PASSWORD
) -> object:
    form = {"csrf_token": token(client), "email": email, "password": password}
    return client.post("/login", data=form)


@pytest.fixture
def reports() -> Reports:
    return Reports()


@pytest.fixture
def accounts() -> Accounts:
    return Accounts()


@pytest.fixture
def client(reports: Reports, accounts: Accounts) -> FlaskClient:
    return an_app(reports, accounts).test_client()


@pytest.fixture
def manager(client: FlaskClient) -> FlaskClient:
    """Signed in, responsible for Operations and everything below it."""
    sign_in(client)
    return client


OWN = "/units/PLANT-N"
CLOSED = [
    "/units/SALES",
    "/units/SALES.csv",
    "/units/SALES/people",
    "/units/SALES/people.csv",
    "/units/SALES/overdue",
    "/units/SALES/overdue.csv",
    "/units/ACME",
    "/people/E1140",
    "/people/E1140.csv",
    "/people/E1140/evidence.csv",
]


def test_own_area_is_open(manager: FlaskClient) -> None:
    for path in (OWN, f"{OWN}.csv", f"{OWN}/people", "/people/E1009", "/effect"):
        assert manager.get(path).status_code == 200, path


@pytest.mark.parametrize("path", CLOSED)
def test_foreign_units_and_people_answer_as_unknown_ones(
    manager: FlaskClient, path: str
) -> None:
    foreign = manager.get(path)
    unknown = manager.get(re.sub("SALES|ACME|E1140", "NOBODY", path))
    assert foreign.status_code == unknown.status_code == 403

    def without_token(page: str) -> str:
        return re.sub(r'value="[^"]+"', "", page)

    assert without_token(foreign.text) == without_token(unknown.text)


def test_every_report_is_asked_for_with_the_accounts_scope(
    manager: FlaskClient, reports: Reports
) -> None:
    paths = [OWN, f"{OWN}/people", f"{OWN}/overdue", "/people/E1009", "/effect"]
    page = "/reports/compliance_status"
    for path in (*paths, *(f"{path}.csv" for path in paths), page, f"{page}/file.csv"):
        assert manager.get(path).status_code == 200
    assert len({call["name"] for call in reports.calls}) == 5
    assert {call["scope_unit"] for call in reports.calls} == {"OPS"}


@pytest.mark.parametrize("path", [OWN, "/people/E1009", "/effect", f"{OWN}.csv", "/"])
def test_pages_are_closed_without_a_sign_in(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.location) == (303, "/login")


def test_an_account_whose_access_ended_is_out_at_once(
    manager: FlaskClient, accounts: Accounts
) -> None:
    del accounts.known["ops@acme.example"]
    assert manager.get(OWN).location == "/login"


def test_an_account_moved_to_another_unit_loses_the_old_one_at_once(
    manager: FlaskClient, accounts: Accounts
) -> None:
    account = accounts.known["ops@acme.example"]
    accounts.known["ops@acme.example"] = replace(account, unit="HR")
    assert manager.get(OWN).status_code == 403


@pytest.mark.parametrize(
    "path", ["/login", OWN, f"{OWN}.csv", "/units/NOBODY", "/assets/pages.css"]
)
def test_every_answer_has_the_security_headers(manager: FlaskClient, path: str) -> None:
    with manager.get(path) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_personal_pages_are_kept_by_no_cache(manager: FlaskClient) -> None:
    for path in (OWN, f"{OWN}.csv", "/people/E1009"):
        assert manager.get(path).headers["Cache-Control"] == "private, no-store"


def test_no_page_has_an_inline_script_or_style(manager: FlaskClient) -> None:
    for path in ("/login", OWN, f"{OWN}/people", "/people/E1009", "/effect"):
        page = manager.get(path).text
        assert not re.search(r"<script(?![^>]*(src=|application/json))", page)
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|https?://cdn", page)


def test_a_name_cannot_end_the_data_block_of_a_chart(
    manager: FlaskClient, reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    evil = "</script><script>alert(1)</script>"
    rows = [{**row, "unit_name": evil} for row in reports.by_unit("OPS")]
    monkeypatch.setattr(reports, "by_unit", lambda unit: rows)
    page = manager.get("/units/OPS").text
    assert "alert(1)" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("email", "password"),
    [("ops@acme.example", "wrong"), ("nobody@acme.example", PASSWORD)],
)
def test_a_failed_sign_in_answers_alike_whatever_failed(
    client: FlaskClient, email: str, password: str
) -> None:
    answer = sign_in(client, email, password)
    assert answer.status_code == 403
    assert "did not work" in answer.text
    assert client.get(OWN).status_code == 303


def test_sign_in_without_its_token_is_refused(client: FlaskClient) -> None:
    form = {"email": "ops@acme.example", "password": PASSWORD}
    assert client.post("/login", data=form).status_code == 400
    assert client.get(OWN).status_code == 303


def test_sign_out_without_its_token_does_nothing(manager: FlaskClient) -> None:
    manager.post("/logout")
    assert manager.get(OWN).status_code == 200


def test_sign_out_with_its_token_ends_the_session(manager: FlaskClient) -> None:
    manager.post("/logout", data={"csrf_token": token(manager, OWN)})
    assert manager.get(OWN).status_code == 303


def test_who_has_left_signs_in_no_more(reports: Reports, accounts: Accounts) -> None:
    left = {("default", "ops@acme.example")}
    app = an_app(reports, accounts, lambda *who: who in left)
    client = app.test_client()
    assert sign_in(client).status_code == 403  # type: ignore[attr-defined]
    left.clear()
    assert sign_in(client).status_code == 303  # type: ignore[attr-defined]
    left.add(("default", "ops@acme.example"))
    assert client.get(OWN).status_code == 200  # asked for again after ten minutes
    with client.session_transaction() as held:
        held["asked"] -= 601
    assert client.get(OWN).status_code == 303
    left.clear()
    assert client.get(OWN).status_code == 303  # the session has ended, not the asking


def test_sixth_try_in_a_minute_waits_even_with_the_right_password(
    client: FlaskClient,
) -> None:
    for _ in range(5):
        assert sign_in(client, password="wrong").status_code == 403
    answer = sign_in(client)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert sign_in(client, "ceo@acme.example").status_code == 303


def test_sign_in_goes_on_to_the_page_asked_for_with_its_day(
    client: FlaskClient,
) -> None:
    client.get(f"{OWN}?as_of=2026-05-31")
    assert sign_in(client).location == f"{OWN}?as_of=2026-05-31"


def test_throttle_forgets_after_its_time_and_after_success() -> None:
    now = [0.0]
    throttle = Throttle(2, 60, clock=lambda: now[0])
    assert [throttle.wait("A@x"), throttle.wait("a@x ")] == [0, 0]
    assert throttle.wait("a@x") == 60
    now[0] = 60
    assert throttle.wait("a@x") == 0
    throttle.succeeded("a@x")
    assert [throttle.wait("a@x") for _ in range(3)] == [0, 0, 60]


def test_throttle_remembers_no_more_accounts_than_its_bound() -> None:
    throttle = Throttle(1, 60, accounts=2)
    for email in ("a", "b", "c"):
        throttle.wait(email)
    assert throttle.wait("c") > 0
    assert throttle.wait("a") == 0


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "2026-12-31"])
def test_a_day_that_is_none_or_to_come_is_a_readable_400(
    manager: FlaskClient, day: str
) -> None:
    answer = manager.get(OWN, query_string={"as_of": day})
    assert answer.status_code == 400
    assert answer.content_type.startswith("text/html")


def test_links_of_a_page_carry_the_day_along(manager: FlaskClient) -> None:
    page = manager.get("/units/OPS?as_of=2026-05-31").text
    main = page[page.index("<main") :]
    links = re.findall(r'href="(/(?:units|people|effect)[^"]*)"', main)
    assert len(links) > 8
    assert all("as_of=2026-05-31" in link for link in links)


def test_a_fault_of_the_service_is_a_page_without_its_details(
    reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the secret of the machine room")

    monkeypatch.setattr(reports, "run", fail)
    client = an_app(reports).test_client()
    sign_in(client)
    answer = client.get(OWN)
    assert answer.status_code == 500
    assert "<h1>" in answer.text
    assert "secret" not in answer.text


def test_csv_holds_the_columns_and_rows_of_the_report(
    manager: FlaskClient, reports: Reports
) -> None:
    answer = manager.get("/units/OPS.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["unit_id"] for row in rows] == ["OPS", "PLANT-N", "PLANT-S", "LOG"]
    assert rows[0]["overdue"] == str(reports.unit_row("OPS", 0)["overdue"])
    assert answer.content_type == "text/csv; charset=utf-8"
    assert "unit-OPS-2026-06-30.csv" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_run_is_made_harmless(begin: str) -> None:
    text = csv_text(["name", "value"], [{"name": f"{begin}1+1", "value": -1.5}])
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row == {"name": f"'{begin}1+1", "value": "-1.5"}


def test_plotly_is_served_compressed_and_kept_for_a_year(client: FlaskClient) -> None:
    path = f"/assets/plotly-{plotly_js().version}.min.js"
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "immutable" in packed.headers["Cache-Control"]
    plain = client.get(path)
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


def test_plotly_of_another_version_is_not_there(client: FlaskClient) -> None:
    assert client.get("/assets/plotly-1.0.0.min.js").status_code == 404


def test_people_are_found_by_name_and_by_status(manager: FlaskClient) -> None:
    page = manager.get("/units/OPS/people?status=OVERDUE").text
    people = page.count('<th scope="row">')
    assert 0 < people < 50
    assert page.count("chip-overdue") >= people
    assert "0 people" in manager.get("/units/OPS/people?q=Nobody").text


def test_people_are_shown_fifty_a_page(manager: FlaskClient) -> None:
    counts = [
        manager.get(f"/units/OPS/people?page={page}").text.count('<th scope="row">')
        for page in (1, 2, 3, 99)
    ]
    assert counts == [50, 50, 9, 9]


def test_means_of_fewer_than_ten_people_are_hidden() -> None:
    rows = [{"people": 9, "mean_value": 1.0}, {"people": 10, "mean_value": 2.0}]
    hidden = [{"people": None, "mean_value": None}, rows[1]]
    assert hide_small_cells(rows) == hidden


def test_effect_page_lists_groups_and_assumptions_and_claims_no_bare_cause(
    manager: FlaskClient,
) -> None:
    page = manager.get("/effect").text
    for words in ("Under the assumptions", "Parallel trends", "64", "61", "95 %"):
        assert words in page
    assert not re.search(r"\b(causes|caused|proves|because of the training)\b", page)


def test_a_refused_estimate_says_why(
    manager: FlaskClient, reports: Reports, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = "The treated group has 9 people; an estimate needs at least 10."
    monkeypatch.setattr("page_scaffold.an_effect", lambda: {"refusal": refusal})
    assert refusal in manager.get("/effect").text


def test_key_of_the_page_has_the_colours_of_the_chart(
    client: FlaskClient,
) -> None:
    with client.get("/assets/pages.css") as answer:
        sheet = answer.text
    for status in STATUSES:
        tag = wording.tag(status.code)
        assert f".chip-{tag} " in sheet
        assert f".swatch-{tag} {{ background: {status.fill}; }}" in sheet


def test_rates_of_nothing_are_a_dash_and_never_zero() -> None:
    assert wording.percent(None) == wording.span(None, None) == wording.NOTHING
    assert wording.percent(0.0) != wording.NOTHING
