"""Requirement files for tests: the example of the design, and the least that is one."""

from __future__ import annotations

from pathlib import Path

LEAST = {
    "code": '"FIRE-01"',
    "title": '"Fire safety"',
    "activities": '["https://courses.example.com/fire-safety"]',
    "satisfied_by": '"completed"',
    "basis": '"entry"',
    "effective_from": "2025-01-01",
}
EXAMPLE = """\
code = "FIRE-01"
title = "Fire safety"
activities = ["https://courses.example.com/fire-safety"]   # any of these
satisfied_by = "completed"
min_score = 0.8
basis = "entry"
initial_days = 30
validity_days = 365
grace_days = 7
look_back_days = 90
leave_policy = "none"
rehire_policy = "reset"
effective_from = 2025-01-01
version = 1
version_from = 2025-01-01
[audience]
org_unit = ["OPS"]
job_code = []
location = []
worker_type = []
regulatory_class = []
min_tenure_days = 0
"""


def a_file(folder: Path, name: str = "fire.toml", **changes: str | None) -> Path:
    """Write the least requirement; a change is TOML, None leaves the key out.

    A key with two underscores stands in a table: audience__job_code.
    """
    values = {**LEAST, **changes}
    top = [
        f"{key} = {value}"
        for key, value in values.items()
        if value is not None and "__" not in key
    ]
    below = [
        f"{key.split('__')[1]} = {value}"
        for key, value in values.items()
        if "__" in key
    ]
    path = folder / name
    path.write_text("\n".join([*top, *(["[audience]", *below] if below else [])]))
    return path
