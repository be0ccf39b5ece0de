"""The hash compared where nobody has the name, so that the answer takes as long.

It is the hash of no known secret, drawn rather than made: making one would cost every
start of the program a tenth of a second.
"""

from __future__ import annotations

import secrets

# What generate_password_hash makes by default (a test says so); 64 bytes in hex.
_METHOD = "scrypt:32768:8:1"
_HASH = f"{_METHOD}${secrets.token_hex(8)}${secrets.token_hex(64)}"


def nobodys_hash() -> str:
    """Return a hash that takes as long to compare as anybody's and fits nothing."""
    return _HASH
