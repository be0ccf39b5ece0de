"""What was wrong with a cell is told by its shape, and never by its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.workforce.mapping import FieldError, load_mapping

MAPPING = """
kind = "workforce"
name = "acme"

[fields]
No = "employee_id"
Hired = "hire_date"
Unit = "org_unit_id"
Mail = "email"

[columns.fte]
from = "Fte"
divide_by = 7

[columns.status]
from = "Disability status"
values = { "1" = "leave", "0" = "active" }

[sensitive]
allow = ["Disability status"]

[columns.termination_date]
from = "Left"
date_format = "%d.%m.%Y"
"""
GOOD = {"No": "1", "Hired": "2024-01-01", "Unit": "OPS"}


@pytest.mark.parametrize(
    ("cell", "shape"),
    [
        ({"Hired": "31/12/2024"}, "it looks like 99/99/9999"),
        ({"Hired": "Müller, Zoë 2"}, "it looks like aaaaaa, aaa 9"),
        ({"Hired": "a\u2028b"}, "it looks like a?a"),
        ({"Hired": "8"}, "it is a number of 1 digit"),
        ({"Hired": "soon"}, "it is a word of 4 letters"),
        ({"Hired": "x" * 31}, "it has 31 characters"),
        ({"Fte": "4,5"}, "it looks like 9,9"),
        # As the cell stands in the file, not as the number that was made of it.
        ({"Fte": " 99 "}, "it is a number of 2 digits"),
        ({"Fte": "-99.5"}, "it looks like -99.9"),
        ({"Left": "2024-12-31"}, "it looks like 9999-99-99"),
        ({"Mail": "ann at e.example"}, "it has 16 characters"),
        ({"Disability status": "7"}, "it has 1 character"),
    ],
)
def test_a_wrong_cell_is_told_by_its_shape(
    tmp_path: Path, cell: dict[str, str], shape: str
) -> None:
    (tmp_path / "acme.toml").write_text(MAPPING)
    with pytest.raises(FieldError) as caught:
        load_mapping(tmp_path / "acme.toml").row(GOOD | cell)
    assert caught.value.reason.endswith(f" ({shape})")
    (value,) = cell.values()
    assert value not in str(caught.value)
