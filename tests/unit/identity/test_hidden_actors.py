"""The veil looks an actor up by all that identity.sql looks it up by."""

from __future__ import annotations

from itertools import product

import duckdb
import orjson
import pyarrow as pa

from analytics.enrichment import context
from analytics.identity.in_force import rules_tables
from analytics.identity.keys import actor_id
from analytics.identity.rules import AccountRule, Rules
from analytics.lake.tables import DECISIONS
from analytics.workforce.anonymity.veil import (
    Hiding,
    Veil,
    digest,
    employee_ids,
    looked_up_by,
    number_digest,
)

PAGE, OLD = "https://new.example", "https://old.example"
KEYS = (
    "mbox mailto:Ann+Course@Example.com",
    "mbox mailto:ann@example.com",
    "mbox_sha1sum 0123456789012345678901234567890123456789",
    "openid https://id.example/Ann",
    *(
        f"account {page} {name}"
        for page in (PAGE, OLD)
        for name in ("E17", "ACME-e17.x", "acme-E17.X", "Ann+a@Example.com", "a b")
    ),
)
RULES = [
    Rules((AccountRule(PAGE, scheme, same, lower, *cut),), strip_plus_tags=True)
    for (scheme, same), lower, cut in product(
        (("employee_id", ""), ("email", ""), ("home_page", OLD)),
        (False, True),
        (("", ""), ("ACME-", ".x")),
    )
    if scheme == "employee_id" or not lower
]


def test_all_that_an_actor_may_be_looked_up_by_is_asked_for() -> None:
    for rules in RULES:
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            rows = [{"actor_id": actor_id(key), "ifi": key} for key in KEYS]
            known = pa.Table.from_pylist(rows)
            connection.register("known", known)
            connection.execute("CREATE TEMP TABLE known_actors AS FROM known")
            connection.register("decisions", DECISIONS.empty_table())
            said = orjson.dumps(rules.document()).decode()
            for name, table in rules_tables([(1, said)]).items():
                connection.register(name, table)
            connection.execute(context._IDENTITY)
            found = connection.execute("SELECT actor_id, lookup_id FROM lookups")
            of = {actor_id(key): key for key in KEYS}
            for actor, lookup in found.fetchall():
                asked = set(looked_up_by(of[actor], rules.accounts))
                # What has no @ is no address that HR could list.
                no_address = (
                    rules.accounts[0].scheme == "email" and "@" not in of[actor]
                )
                assert lookup in asked or no_address, of[actor]


def test_what_is_kept_says_nothing_without_the_key_and_finds_all_with_it() -> None:
    key, surrogate = bytes(32), "anonymous-0123456789ab"
    ids = [actor_id("mbox mailto:ann@example.com")]
    hiding = Hiding(
        surrogate,
        number_digest(key, "E17"),
        tuple(digest(key, f"id {one}") for one in employee_ids("E17")),
        tuple(digest(key, f"id {one}") for one in ids),
    )
    veil = Veil(key, [hiding])
    assert veil.surrogate_of("E17") == veil.surrogate_of(surrogate) == surrogate
    assert veil.surrogate_of("E18") is None
    assert veil.hides("mbox mailto:Ann+x@example.com")
    assert veil.hides("account https://any.example E17")
    assert not veil.hides("mbox mailto:bob@example.com")
    assert veil.veiled(ids[0]) == hiding.ids[0] != ids[0]
    assert veil.veiled(employee_ids("E17")[0]) == employee_ids(surrogate)[0]
    assert veil.owner(employee_ids("E17")[1]) == surrogate
    other = Veil(bytes(31) + b"1", [hiding])
    assert other.surrogate_of("E17") is None
    assert not other.hides("mbox mailto:ann@example.com")
