"""The requirement files of an export: their octets, and which version was in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from analytics.audit.archive import Archive
from analytics.audit.sheets import add_sheet
from analytics.requirements import WrongRequirement, read

_COLUMNS = ["requirement", "version", "title", "version_from", "in_force", "file"]


@dataclass(frozen=True, slots=True)
class RequirementFiles:
    """The files as they stood when they were copied, by name."""

    folder: Path
    contents: dict[str, bytes]

    @classmethod
    def copied(cls, source: Path, folder: Path) -> RequirementFiles:
        """Copy the files that a report would read; raises WrongRequirement."""
        if not source.is_dir():
            raise WrongRequirement(
                f"{source}: there is no such folder of requirements "
                "(LRS_REQUIREMENTS_DIR)."
            )
        contents = {}
        for path in sorted(source.glob("*.toml")):
            try:
                contents[path.name] = path.read_bytes()
            except OSError as error:
                raise WrongRequirement(
                    f"{path.name}: it cannot be read ({error.strerror})."
                ) from None
            (folder / path.name).write_bytes(contents[path.name])
        return cls(folder, contents)

    def add(self, archive: Archive, as_of: date) -> None:
        """Add a sheet of the versions, and every file as it is."""
        versions = [(read(self.folder / name), name) for name in self.contents]
        versions.sort(key=lambda item: (item[0].code, item[0].version))
        in_force: dict[str, tuple[date, int]] = {}
        for item, _ in versions:  # as models/required.sql chooses
            if item.version_from <= as_of and item.effective_from <= as_of:
                rank = (item.version_from, item.version)
                in_force[item.code] = max(rank, in_force.get(item.code, rank))
        rows = [
            {
                "requirement": item.code,
                "version": item.version,
                "title": item.title,
                "version_from": item.version_from,
                "in_force": in_force.get(item.code)
                == (item.version_from, item.version),
                "file": f"requirements/files/{name}",
            }
            for item, name in versions
        ]
        add_sheet(archive, "requirements/versions", _COLUMNS, [rows])
        for name, content in self.contents.items():
            archive.add(f"requirements/files/{name}", content)
