"""The xAPI identifiers a workforce row claims for its person, as IFI keys.

xAPI-Data 4.2.2.3 (Inverse Functional Identifiers). A key is the identifier's kind and
its value: ``mbox mailto:a@b.c``, ``mbox_sha1sum <hex>``, ``openid <IRI>``,
``account <homePage> <name>``; the name stands last, so that a key has one reading.
Addresses and hex digits are in lower case here; who looks an Actor up must lower
its mbox key too. Senders hash an address as they write it or in lower case, so both
hashes are claimed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha1

from analytics.workforce.values import address, text

# An account's name may hold blanks: a new identifier begins at a known scheme only.
_BETWEEN = re.compile(r"\s+(?=(?:mailto|sha1|openid|account):)")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+\Z")
_SHA1 = re.compile(r"[0-9a-fA-F]{40}\Z")


def address_keys(written: str) -> list[str]:
    """Return the keys of an e-mail address: its mbox and both of its hashes."""
    lowered = written.lower()
    keys = [f"mbox mailto:{lowered}"]
    for form in dict.fromkeys((lowered, written)):
        digest = sha1(f"mailto:{form}".encode(), usedforsecurity=False).hexdigest()
        keys.append(f"mbox_sha1sum {digest}")
    return keys


def identities(cell: str) -> list[str]:
    """Return the sorted IFI keys of an ``identities`` cell.

    The cell lists ``mailto:<address>``, ``sha1:<hex>``, ``openid:<IRI>`` and
    ``account:<homePage>|<name>``, separated by blanks. Raises ValueError.
    """
    keys: set[str] = set()
    for position, part in enumerate(_BETWEEN.split(text(cell)), start=1):
        keys.update(_keys_of(part, position))
    return sorted(keys)


def _keys_of(part: str, position: int) -> list[str]:
    scheme, _, value = part.partition(":")
    if scheme == "mailto":
        try:
            return address_keys(address(value))
        except ValueError:
            pass
    elif scheme == "sha1" and _SHA1.match(value):
        return [f"mbox_sha1sum {value.lower()}"]
    elif scheme == "openid" and _IRI.match(value):
        return [f"openid {value}"]
    elif scheme == "account":
        page, _, name = value.partition("|")
        if _IRI.match(page) and name:
            return [f"account {page} {name}"]
    raise ValueError(
        f"has at position {position} something other than mailto:<address>, "
        "sha1:<40 hex digits>, openid:<IRI> or account:<homePage>|<name>"
    )


def identifier_keys(row: Mapping[str, object]) -> list[str]:
    """Return every IFI key that a canonical workforce row claims, each once.

    ``row`` as ``Ledger.rows`` yields it: ``email`` as written, ``identities`` as keys.
    """
    email, listed = row.get("email"), row.get("identities")
    keys = address_keys(email) if isinstance(email, str) else []
    if isinstance(listed, list):
        keys.extend(listed)
    return list(dict.fromkeys(keys))
