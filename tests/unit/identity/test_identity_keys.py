"""Actors as people write them, and the ids that an address is looked up by."""

from __future__ import annotations

import hashlib

import pytest

from analytics.identity.keys import actor_id, plain_key, read_actor, sent_id, written
from lrs.errors import BadRequest

HASH = "a" * 40


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("mailto:ann@x.com", "mbox mailto:ann@x.com"),
        (" mailto:ann+course@X.com ", "mbox mailto:ann+course@x.com"),
        (f"sha1:{HASH.upper()}", f"mbox_sha1sum {HASH}"),
        ("openid:https://id.x/ann", "openid https://id.x/ann"),
        ("account:https://sso.x|Ann Lee", "account https://sso.x Ann Lee"),
        ("account https://sso.x Ann Lee", "account https://sso.x Ann Lee"),
        ("mbox mailto:ann@x.com", "mbox mailto:ann@x.com"),
        (f"mbox_sha1sum {HASH}", f"mbox_sha1sum {HASH}"),
        ("openid https://id.x/ann", "openid https://id.x/ann"),
    ],
)
def test_an_actor_is_read_as_it_is_listed_and_as_the_report_shows_it(
    text: str, key: str
) -> None:
    assert read_actor(text) == key
    assert read_actor(written(key)) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "ann@x.com",
        "mailto:",
        "sha1:12",
        "openid:x",
        "account:https://x",
        "mailto:a@x.com mailto:b@x.com",
        "account:x|ann",
        "mbox",
        "mbox ann",
    ],
)
def test_what_is_no_actor_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(BadRequest, match="An actor is written mailto:<address>"):
        read_actor(text)


def test_the_hash_of_an_address_as_sent_is_looked_up_where_it_is_another() -> None:
    digest = hashlib.sha1(b"mailto:Ann@x.com").hexdigest()
    assert sent_id("mailto:Ann@x.com") == actor_id(f"mbox_sha1sum {digest}")
    assert sent_id("mailto:ann@x.com") is None


def test_a_plus_tag_is_what_stands_between_the_first_plus_and_the_at() -> None:
    assert plain_key("mbox mailto:Ann+a+b@x.com") == "plain mailto:ann@x.com"
    assert plain_key("mbox mailto:ann@x.com") is None
    assert plain_key("mbox mailto:+a@x.com") is None
    assert plain_key(f"mbox_sha1sum {HASH}") is None
