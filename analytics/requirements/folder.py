"""The requirements of a folder: every version of each, and what they owe each other."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from analytics.requirements.keys import Keys
from analytics.requirements.model import Requirement, WrongRequirement
from analytics.requirements.reading import keys_in, octets_of, requirement_of

Read = tuple[Keys, Requirement]


def load(folder: Path) -> list[Requirement]:
    """Return every version in the folder, by code and version.

    Raises WrongRequirement for a file that cannot be used, for a version that stands
    twice, for versions that disagree on the dates of their requirement, and for a
    curriculum of what is not there or is a curriculum itself.
    """
    return together(map(read_keys, paths(folder)))


def paths(folder: Path) -> list[Path]:
    """Return the requirement files of a folder; raises WrongRequirement."""
    if not folder.is_dir():
        raise WrongRequirement(
            f"{folder}: there is no such folder of requirements (LRS_REQUIREMENTS_DIR)."
        )
    return sorted(folder.glob("*.toml"))


def read_keys(path: Path) -> Read:
    """Return a file's requirement with its keys, which know their lines."""
    return _read(path.name, octets_of(path))


# Every report reads all files; what is written in them hardly ever changes.
@lru_cache(maxsize=500)
def _read(name: str, octets: bytes) -> Read:
    keys = keys_in(name, octets)
    return keys, requirement_of(keys)


def together(files: Iterable[Read]) -> list[Requirement]:
    """Return what stands in these files, by code and version; raises as ``load``."""
    found: dict[tuple[str, int], Read] = {}
    first: dict[str, Requirement] = {}
    for keys, item in files:
        if (item.code, item.version) in found:
            raise keys.fail("version", f"{item.version} of {item.code} stands twice")
        found[item.code, item.version] = keys, item
        other = first.setdefault(item.code, item)
        for name in ("effective_from", "effective_to"):
            ours, theirs = getattr(item, name), getattr(other, name)
            if ours != theirs:
                raise keys.fail(
                    name,
                    f"is {ours or 'absent'}, and {theirs or 'absent'} in another "
                    f"version of {item.code}",
                )
    curricula = {item.code for _, item in found.values() if item.items}
    for keys, item in found.values():
        for code in item.items:
            if code not in first:
                raise keys.fail("items", f"names {code}, which is not there")
            if code in curricula:
                raise keys.fail("items", f"names {code}, which is a curriculum")
    return [found[key][1] for key in sorted(found)]
