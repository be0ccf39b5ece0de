"""The Statements of the sample: valid, in an order that tests those who take them."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from lrs.xapi.statement import validate
from lrs.xapi.versions import Version

from .conftest import Company


def _at(statement: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(statement["timestamp"])


def test_every_statement_is_valid(company: Company) -> None:
    for statement in company.statements:
        assert validate(statement, Version.V1_0_3) == []


def test_a_repeated_statement_is_the_same(company: Company) -> None:
    seen: dict[str, dict[str, Any]] = {}
    for statement in company.statements:
        assert seen.setdefault(statement["id"], statement) == statement
    assert (
        len(company.statements) - len(seen) == company.files.counts["repeated"] == 600
    )


def test_some_statements_come_days_late(company: Company) -> None:
    latest = _at(company.statements[0])
    late = 0
    for statement in company.statements:
        late += _at(statement) < latest - timedelta(days=2, hours=1)
        latest = max(latest, _at(statement))
    assert 800 < late < 3000


def test_voiding_statements_name_statements_that_are_there(company: Company) -> None:
    place = {}
    for index, one in enumerate(company.statements):
        place.setdefault(one["id"], index)
    verbs = {one["id"]: one["verb"]["id"] for one in company.statements}
    voids = [s for s in company.statements if s["verb"]["id"].endswith("/voided")]
    targets = {one["id"]: one["object"]["id"] for one in voids}
    assert len(targets) == company.files.counts["voided"] == 48
    assert not any(verbs[target].endswith("/voided") for target in targets.values())
    early = sum(place[voiding] < place[target] for voiding, target in targets.items())
    assert 0 < early < len(targets) / 4


def test_only_the_counted_statements_are_of_unknown_people(company: Company) -> None:
    known: set[str] = set()
    for row in company.workforce:
        mail = f"mailto:{row['email']}"
        known.add(mail)
        known.add(hashlib.sha1(mail.encode(), usedforsecurity=False).hexdigest())
        for identity in row["identities"].split():
            scheme, _, rest = identity.partition(":")
            known.add(identity if scheme == "mailto" else rest)

    def name(actor: dict[str, Any]) -> str:
        if "account" in actor:
            return f"{actor['account']['homePage']}|{actor['account']['name']}"
        mail = actor.get("mbox", "").lower()
        return str(mail or actor.get("mbox_sha1sum") or actor["openid"])

    unique = {one["id"]: one for one in company.statements}
    unknown = sum(name(one["actor"]) not in known for one in unique.values())
    assert unknown == company.files.counts["unknown_actor_statements"]
    assert 0.01 < unknown / len(unique) < 0.02


def test_people_are_named_in_every_way(company: Company) -> None:
    actors = [one["actor"] for one in company.statements]
    ways = Counter(
        way
        for actor in actors
        for way in ("mbox", "account", "mbox_sha1sum", "openid")
        if way in actor
    )
    assert min(ways.values()) > 300
    loud = [a for a in actors if a.get("mbox", "").lower() != a.get("mbox", "")]
    assert loud


def test_times_come_in_utc_and_with_offsets(company: Company) -> None:
    ends = Counter(one["timestamp"][-1] == "Z" for one in company.statements)
    assert ends[True] > 10_000
    assert ends[False] > 5_000
