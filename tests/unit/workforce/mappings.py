"""Mappings for tests: written as TOML, loaded by the real loader."""

from __future__ import annotations

from pathlib import Path

from analytics.workforce.mapping import Mapping, load_mapping

REQUIRED = {"No": "employee_id", "Hired": "hire_date", "Unit": "org_unit_id"}
RECORD = {"No": "E1", "Hired": "2024-01-31", "Unit": "U"}


def a_mapping(folder: Path, more: str = "", *, without: str = "") -> Mapping:
    """Load the three required fields and whatever else the test adds.

    ``without``: a required column that the test fills itself.
    """
    lines = ["[fields]"]
    lines += [f'{k} = "{v}"' for k, v in REQUIRED.items() if v != without]
    head, mark, rest = more.partition("---\n")  # keys of the file stand before tables
    if not mark:
        head, rest = "", head
    path = folder / "acme.toml"
    path.write_text("\n".join([head, *lines, rest]), encoding="utf-8")
    return load_mapping(path)
