"""Keys: from an actor's IFI to the id under which the lake knows it.

Spec: xAPI-Data 4.2.2.3 (Inverse Functional Identifiers). The lake has no addresses: an
actor is the SHA-256 of its normalised IFI key. HR rows list the keys of their person in
the same form, so that resolving a Statement's actor is a join. Mail addresses match in
any letter case; nothing is ever matched by name.

Beside IFI keys there is ``plain mailto:<address>``, an address without its plus-tag:
what an address is looked up by where the rules say that plus-tags mean nothing.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from analytics.workforce.identifiers import identities
from analytics.workforce.values import address
from lrs.errors import BadRequest
from lrs.xapi.keys import fold_mbox

_TAG = re.compile(r"^(mailto:[^+@]+)\+[^@]*@")
_KINDS = ("mbox", "mbox_sha1sum", "openid", "account")
_FORMS = (
    "An actor is written mailto:<address>, sha1:<40 hex digits>, openid:<IRI> or "
    "account:<homePage>|<name>."
)


def normalised(key: str) -> str:
    """Return the IFI key as it is compared: addresses and digests in lower case."""
    if key.startswith(("mbox ", "mbox_sha1sum ")):
        return key.lower()
    return key


@lru_cache(maxsize=65_536)
def actor_id(key: str) -> str:
    """Return the lake's id (64 hex digits) of an IFI key of lrs.xapi.keys."""
    return hashlib.sha256(normalised(key).encode()).hexdigest()


def sent_id(mbox: str) -> str | None:
    """Return the id of the hash of an mbox as it was sent.

    None where it was sent as it is normalised: that hash is looked up for every
    address. A list of hashes may have been made from addresses as people write them.
    """
    if mbox == mbox.lower():
        return None
    digest = hashlib.sha1(mbox.encode(), usedforsecurity=False).hexdigest()
    return actor_id(f"mbox_sha1sum {digest}")


def plain_key(key: str) -> str | None:
    """Return the key of an ``mbox`` key's address without its plus-tag.

    None where the key is no mbox or has no tag.
    """
    lowered = normalised(key)
    if not lowered.startswith("mbox "):
        return None
    plain = _TAG.sub(r"\1@", lowered.removeprefix("mbox "))
    return None if f"mbox {plain}" == lowered else f"plain {plain}"


def read_actor(text: str) -> str:
    """Return the IFI key of an actor as people write it; raises BadRequest.

    As in the column ``identities`` of a workforce file, or as the report
    unresolved_actors shows it (the key itself).
    """
    kind, blank, value = text.strip().partition(" ")
    if blank and kind in _KINDS:
        page, _, name = value.partition(" ")
        written = {
            "mbox": value,
            "mbox_sha1sum": f"sha1:{value}",
            "openid": f"openid:{value}",
            "account": f"account:{page}|{name}",
        }[kind]
    else:
        written = text.strip()
    scheme, _, rest = written.partition(":")
    try:
        if scheme == "mailto":  # with its hashes it would be more than one key
            return f"mbox {fold_mbox(f'mailto:{address(rest)}')}"
        found = identities(written)
    except ValueError:
        raise BadRequest(_FORMS) from None
    if len(found) != 1:
        raise BadRequest(_FORMS)
    return found[0]


def written(key: str) -> str:
    """Return an IFI key as people write it: what ``read_actor`` takes."""
    kind, _, value = key.partition(" ")
    if kind == "account":
        page, _, name = value.partition(" ")
        return f"account:{page}|{name}"
    schemes = {"mbox": "", "mbox_sha1sum": "sha1:", "openid": "openid:"}
    return schemes.get(kind, f"{kind}:") + value  # anonymous: known by a digest only
