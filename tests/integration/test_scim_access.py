"""Whom a provider deactivates comes in no more, at once; and is employed as before."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lrs.access import Scope, bearer_token
from lrs.app import create_app
from lrs.services import Services
from lrs.syncs import Syncs
from tests.conftest import ROOT, run_lrs
from tests.contract.provisioning import ENTERPRISE, WORKFORCE, Provider
from tests.fakes.syncing import Hris

MAPPING = (ROOT / "config" / "hris" / "scim.toml").read_text()
ANN, PASSWORD = "ann@acme.example", "correct horse battery"


@pytest.fixture
def provider(services: Services) -> Provider:
    services.accounts.put("default", ANN, "Ann", "Labs", PASSWORD)
    pair = services.credentials.add("default", [Scope.SCIM])
    return Provider(create_app(services), bearer_token(*pair))


@pytest.fixture
def hris(services: Services, tmp_path: Path) -> Hris:
    found = Hris(services, tmp_path / "hris", "scim")
    found.write(MAPPING)
    return found


def signed_in(provider: Provider) -> Any:
    """A browser in which Ann has signed in; None where she may not."""
    browser = provider.app.test_client()
    page = browser.get("/login").text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    form = {"email": ANN, "password": PASSWORD, "csrf_token": found[1]}
    return browser if browser.post("/login", data=form).status_code == 303 else None


def is_in(browser: Any) -> bool:
    return not browser.get("/").headers["Location"].startswith("/login")


def an_ann(provider: Provider, **more: Any) -> str:
    extension = {"employeeNumber": "17", "department": "Labs"}
    made = provider.create(
        "Ann@acme.example",
        emails=[{"type": "work", "value": ANN}],
        **{ENTERPRISE: extension, **more},
    )
    return str(made["id"])


def active(provider: Provider, user: str, value: object) -> None:
    change = {"op": "Replace", "path": "active", "value": value}
    assert provider.patch(user, change).status_code == 200


def test_deactivating_ends_open_sessions_and_sign_in_until_it_is_taken_back(
    provider: Provider,
) -> None:
    before = signed_in(provider)
    assert is_in(before)  # whom nobody provisioned, an auditor, say
    user = an_ann(provider)
    assert is_in(before)
    active(provider, user, "False")
    assert not is_in(before)
    assert signed_in(provider) is None
    active(provider, user, "True")
    assert not is_in(before)  # what has ended has ended
    assert is_in(signed_in(provider))


def test_deleting_ends_access_until_the_user_is_created_anew(
    provider: Provider,
) -> None:
    user, browser = an_ann(provider), signed_in(provider)
    provider.send("DELETE", f"/Users/{user}")
    assert not is_in(browser)
    assert signed_in(provider) is None
    an_ann(provider)
    assert is_in(signed_in(provider))


def test_an_address_goes_with_who_has_it(provider: Provider) -> None:
    user = an_ann(provider)
    browser = signed_in(provider)
    change = {
        "op": "replace",
        "value": {"userName": "king", "emails": [{"value": "king@acme.example"}]},
    }
    assert provider.patch(user, change).status_code == 200
    assert is_in(browser)  # she was called so, and is active
    active(provider, user, False)
    assert not is_in(browser)
    provider.create("another", emails=[{"value": ANN.upper()}])
    assert is_in(signed_in(provider))  # it is somebody else's now


def test_another_tenants_provider_ends_nobodys_access_here(
    provider: Provider, services: Services
) -> None:
    pair = services.credentials.add("other", [Scope.SCIM])
    other = Provider(provider.app, bearer_token(*pair))
    browser = signed_in(provider)
    active(other, an_ann(other), False)
    assert is_in(browser)


def test_who_is_deactivated_or_deleted_stays_employed(
    provider: Provider, hris: Hris
) -> None:
    user = an_ann(provider)
    hris.sync()
    [before] = hris.rows().values()
    active(provider, user, False)
    hris.sync()
    provider.send("DELETE", f"/Users/{user}")
    hris.sync()
    [after] = hris.rows().values()
    assert after["status"] == "active"
    assert after["termination_date"] is None
    assert after["hire_date"] == before["hire_date"]
    assert hris.services.analytics().leavers.has_left("default", ANN) is False


def test_a_mapping_may_say_that_who_is_deleted_has_left(
    provider: Provider, hris: Hris
) -> None:
    deleted = '{ from = "lrs.deleted", date_format = "iso_time" },\n]\n\n[columns.org'
    hris.write(MAPPING.replace("]\n\n[columns.org", f"  {deleted}", 1))
    user = an_ann(provider)
    hris.sync()
    active(provider, user, False)
    provider.send("DELETE", f"/Users/{user}")
    hris.sync()
    [after] = hris.rows().values()
    assert after["termination_date"] == after["effective_date"]


def test_what_scim_lacks_comes_with_our_extension(
    provider: Provider, hris: Hris
) -> None:
    chief = an_ann(provider)
    more = {
        "hireDate": "2019-03-01",
        "originalHireDate": "2011-01-01T00:00:00Z",
        "status": "Leave",
        "workerType": "contractor",
        "jobCode": "J1",
        "jobLevel": 4,
        "orgUnitId": "4711",
        "orgUnitName": "Research",
        "orgParentId": "4700",
        "location": "BER",
        "timeZone": "Europe/Berlin",
        "fte": "0.5",
        "regulatoryClasses": "GMP; crane",
    }
    provider.create(
        "ben",
        name={"givenName": "Ben", "familyName": "King"},
        title="Chemist",
        **{
            ENTERPRISE: {
                "employeeNumber": "18",
                "costCenter": "CC",
                "department": "Labs",
                "manager": chief,
            },
            WORKFORCE: more,
        },
    )
    hris.sync()
    row = next(row for (who, _), row in hris.rows().items() if who == "18")
    told = {
        "given_name": "Ben",
        "family_name": "King",
        "worker_type": "contractor",
        "status": "leave",
        "hire_date": "2019-03-01",
        "original_hire_date": "2011-01-01",
        "job_code": "J1",
        "job_title": "Chemist",
        "job_level": "4",
        "org_unit_id": "4711",
        "org_unit_name": "Research",
        "org_parent_id": "4700",
        "location_id": "BER",
        "location_time_zone": "Europe/Berlin",
        "manager_id": "17",
        "cost_center_id": "CC",
        "fte": 0.5,
        "regulatory_classes": ["GMP", "crane"],
    }
    assert {name: row[name] for name in told} == told


def test_what_a_provider_told_of_somebody_anonymous_goes(
    provider: Provider, hris: Hris
) -> None:
    user = an_ann(provider)
    other = provider.create("ben", **{ENTERPRISE: {"employeeNumber": "18"}})["id"]
    hris.sync()
    settings, why = hris.services.settings, ("--by", "dpo", "--reason", "asked")
    provider.send("DELETE", f"/Users/{user}")
    run_lrs(settings, "workforce", "anonymize", "17", "--employed", *why)
    database = hris.services.database
    for name in ("scim_users", "scim_changes"):
        found = list(database[name].find())
        assert found
        assert "ann" not in str(found).lower()
    assert provider.get(other)["userName"] == "ben"
    hris.sync(take_all=True)
    assert len({who for who, _ in hris.rows()}) == 2


def test_the_worker_takes_what_has_changed_by_its_schedule(
    provider: Provider, hris: Hris
) -> None:
    hris.write(f'{MAPPING}\n[schedule]\ncron = "* * * * *"\n')
    services = hris.services
    settings = replace(services.settings, hris_dir=hris.folder)
    at_work = replace(services, settings=settings)
    an_ann(provider)
    syncs = Syncs(at_work, at_work.analytics(), threading.Event())
    end = time.monotonic() + 60
    while not hris.rows() or syncs.is_at_work:
        assert time.monotonic() < end
        syncs.turn()
        time.sleep(0.02)
    assert hris.cursor is not None


def test_the_commands_make_a_token_and_take_what_it_brought(
    services: Services, hris: Hris, provider: Provider
) -> None:
    out = run_lrs(services.settings, "credentials", "add", "--scope", "scim").stdout
    told = dict(line.split("=", 1) for line in out.split())
    mine = Provider(provider.app, told["token"])
    row = services.database["credentials"].find_one({"_id": told["key"]})
    assert told["token"] not in str(row)
    assert told["secret"] not in str(row)
    an_ann(mine)
    settings = services.settings
    first = run_lrs(settings, "workforce", "sync", "scim")
    assert "1 new" in first.stderr
    again = run_lrs(settings, "workforce", "sync", "scim")
    assert "Nothing new" in again.stderr
