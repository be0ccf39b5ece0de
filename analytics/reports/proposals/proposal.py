"""A proposal: the requirements as they are, and as they would be with other files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from analytics.requirements import Requirement, WrongRequirement
from analytics.requirements.folder import Read, paths, read_keys, together
from analytics.requirements.model import in_force


@dataclass(frozen=True, slots=True)
class Proposal:
    """``before`` and ``after``: all versions; ``codes``: the ones asked about.

    ``proposed``: the version of a single file, or None where a folder is asked about.
    """

    before: list[Requirement]
    after: list[Requirement]
    codes: frozenset[str]
    proposed: Requirement | None = None

    def concerned(self, requirements: list[Requirement]) -> list[Requirement]:
        """Return those asked about, and the items of the curricula among them."""
        asked = [item for item in requirements if item.code in self.codes]
        items = {code for item in asked for code in item.items}
        return [item for item in requirements if item.code in self.codes | items]

    def first_day(self, today: date) -> date:
        """Return the day to look at: today, or when what is proposed takes effect."""
        if self.proposed is None:
            return today
        return max(today, self.proposed.version_from, self.proposed.effective_from)

    def warnings(self, day: date) -> list[str]:
        """Return what on that day is not in force, though it is asked about."""
        now = in_force(self.after, day)
        found = []
        if self.proposed is not None:
            used = now.get(self.proposed.code)
            if used != self.proposed:
                instead = f"version {used.version} is" if used else "no version is"
                found.append(
                    f"Version {self.proposed.version} of {self.proposed.code} is not "
                    f"in force on {day}: {instead}."
                )
            return found
        return [
            f"{code} is not in force on {day}."
            for code in sorted(self.codes)
            if code not in now
        ]


def proposal(live: Path, asked: Path | None) -> Proposal:
    """Return what a file, or a folder, would change in the folder in use.

    A file is added to that folder, in the place of the same version; one that stands
    there already is held against the folder without it. Raises WrongRequirement with
    every file that is wrong.
    """
    if asked is None or asked.is_dir():
        after = together(every(paths(asked or live)))
        before = after if asked is None else together(every(paths(live)))
        return Proposal(before, after, frozenset(item.code for item in after))
    (file,) = every([asked])
    others = [path for path in paths(live) if path.resolve() != asked.resolve()]
    standing = every(others)
    version = file[1].code, file[1].version
    kept = [one for one in standing if (one[1].code, one[1].version) != version]
    after = together([*kept, file])
    curricula = {item.code for item in after if file[1].code in item.items}
    codes = frozenset({file[1].code, *curricula})
    # Without this file a curriculum that stands there may lack an item.
    before = [item for _, item in standing]
    return Proposal(before, after, codes, file[1])


def every(files: list[Path]) -> list[Read]:
    """Read all of them; raises WrongRequirement that tells every one that is wrong."""
    found, problems = [], []
    for path in files:
        try:
            found.append(read_keys(path))
        except WrongRequirement as error:
            problems.append(error.message)
    if problems:
        raise WrongRequirement("\n".join(problems))
    return found
