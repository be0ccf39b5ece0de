"""Putting back: a delivery that was refused lies in its landing folder again.

In: the open place, and the SHA-256 that a run noted of its delivery. The files move
first and the manifest at last, so that a walk which is killed between leaves nothing
that could be taken by halves, and the next one goes on.
"""

from __future__ import annotations

import hashlib

from analytics.workforce.sources.manifest import (
    LARGEST,
    SUFFIX,
    Manifest,
    Unfinished,
    manifest_of,
)
from analytics.workforce.sources.place import OpenPlace
from lrs.errors import BadRequest, Conflict

_REASON = ".reason.txt"


def digest_of(manifest: Manifest) -> str:
    """Return the SHA-256 of a delivery: its file's, or that of all of theirs."""
    own = [item.sha256 for item in manifest.files]
    if len(own) == 1:
        return own[0]
    return hashlib.sha256(" ".join(own).encode()).hexdigest()


def put_back(place: OpenPlace, sha256: str) -> None:
    """Put the newest refused delivery of this SHA-256 back, where there is one.

    Raises Conflict where a file of its name lies there.
    """
    for target in sorted(place.names_below("refused"), reverse=True):
        if target.endswith(_REASON):
            continue
        folder = f"refused/{target}"
        names = place.names_below(folder)
        for name in sorted(names):
            if name.endswith(SUFFIX) and _is_of(place, folder, name, sha256):
                _move(place, folder, names, name)
                return


def _is_of(place: OpenPlace, folder: str, name: str, sha256: str) -> bool:
    try:
        manifest = manifest_of(name, place.read(f"{folder}/{name}", LARGEST + 1))
    except (BadRequest, Unfinished, FileNotFoundError):
        return False
    return digest_of(manifest) == sha256


def _move(place: OpenPlace, folder: str, names: set[str], manifest: str) -> None:
    there = {found.name for found in place.found()}
    if manifest in there:
        return  # its sender has put it there again
    if taken := sorted(names & there):
        raise Conflict(
            f"The delivery cannot be put back: {taken[0]} lies in the folder already."
        )
    for name in sorted(names - {manifest}):
        place.rename(f"{folder}/{name}", name)
    place.rename(f"{folder}/{manifest}", manifest)
