"""TOML files: settings of ours that people write, read in one way.

In: a path. Out: its content and the SHA-256 of its octets. Each reader says in its own
words whose file is wrong.
"""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Any

LARGEST = 1 << 20  # octets of a file


class NotToml(ValueError):
    """What is wrong with a file: a sentence's end, such as ``is over 1 MiB``."""


def read_toml(path: Path) -> tuple[dict[str, Any], str]:
    """Return the content and its SHA-256; raises NotToml, and OSError."""
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise NotToml(f"is over {LARGEST >> 20} MiB")
    try:
        content = tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise NotToml("is not TOML in UTF-8") from None
    except ValueError as error:
        raise NotToml(f"is not TOML in UTF-8: {error}") from None
    except RecursionError:
        raise NotToml("is nested too deeply") from None
    return content, hashlib.sha256(data).hexdigest()
