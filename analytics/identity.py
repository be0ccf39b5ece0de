"""Identity: from an actor's IFI to the id under which the lake knows it.

The lake has no addresses: an actor is the SHA-256 of its normalised IFI key. HR rows
list the keys of their person in the same form, so that resolving a Statement's actor
is a join. Mail addresses match in any letter case; nothing is ever matched by name.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache


def normalised(key: str) -> str:
    """Return the IFI key as it is compared: addresses and digests in lower case."""
    if key.startswith(("mbox ", "mbox_sha1sum ")):
        return key.lower()
    return key


@lru_cache(maxsize=65_536)
def actor_id(key: str) -> str:
    """Return the lake's id (64 hex digits) of an IFI key of lrs.xapi.keys."""
    return hashlib.sha256(normalised(key).encode()).hexdigest()
