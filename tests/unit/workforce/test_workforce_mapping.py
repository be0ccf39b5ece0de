"""Mapping files: what they may say, and what becomes of a record."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.workforce.mapping import FieldError, canonical, load_mapping
from analytics.workforce.model import KPI, WORKFORCE
from lrs.errors import BadRequest

CANONICAL = Path(__file__).parents[3] / "config" / "hris" / "canonical.toml"
MINIMUM = 'No = "employee_id"\nHired = "hire_date"\nUnit = "org_unit_id"\n'
RECORD = {"employee_id": "E1", "hire_date": "2024-01-01", "org_unit_id": "U"}


@pytest.fixture
def mapping_of(tmp_path):
    def load(content: str):
        path = tmp_path / "acme.toml"
        path.write_text(content, encoding="utf-8")
        return load_mapping(path)

    return load


def test_the_canonical_file_is_the_mapping_used_by_default():
    assert load_mapping(CANONICAL) == canonical(WORKFORCE)


def test_a_minimal_mapping_takes_its_name_from_the_file(mapping_of):
    mapping = mapping_of("[fields]\n" + MINIMUM)
    assert mapping.name == "acme"
    row = mapping.row({"No": " E1 ", "Hired": "2024-01-01", "Unit": "U", "x": "y"})
    assert row == {
        "employee_id": "E1",
        "hire_date": "2024-01-01",
        "org_unit_id": "U",
        "effective_date": "2024-01-01",
        "worker_type": "employee",
        "status": "active",
    }


def test_values_and_days_are_translated(mapping_of):
    mapping = mapping_of(
        '[fields]\nNo = "employee_id"\nUnit = "org_unit_id"\n'
        'Hired = { to = "hire_date", date_format = "%d.%m.%Y" }\n'
        'State = { to = "status", values = { X = "terminated", "?" = "" } }\n'
    )
    record = {"No": "1", "Unit": "U", "Hired": "31.12.2023"}
    assert mapping.row(record | {"State": "X"})["status"] == "terminated"
    assert mapping.row(record | {"State": "?"})["status"] == "active"
    assert mapping.row(record | {"State": "?"})["hire_date"] == "2023-12-31"


@pytest.mark.parametrize(
    ("content", "place", "reason"),
    [
        ("[fields", "acme.toml", "not TOML"),
        ("", "fields", "missing"),
        ('kind = "pets"\n[fields]\n', "", "workforce, kpi, exemptions"),
        ("colour = 1\n[fields]\n" + MINIMUM, "colour", "unknown"),
        (
            "[fields]\n" + MINIMUM + 'Shoe = "shoe_size"',
            "fields.Shoe",
            "unknown column",
        ),
        ("[fields]\n" + MINIMUM + "Shoe = 3", "fields.Shoe", "neither"),
        ('[fields]\nNo = "employee_id"', "fields", "nothing for hire_date"),
        ("[fields]\n" + MINIMUM + 'Nr = "employee_id"', "fields.Nr", "No already"),
        (
            "[fields]\n" + MINIMUM + 'S = { to = "status", values = { A = "busy" } }',
            "fields.S.values.A",
            "not one of active",
        ),
        (
            "[fields]\n" + MINIMUM + 'S = { to = "status", values = { A = 1 } }',
            "fields.S.values.A",
            "not text",
        ),
        (
            "[fields]\n" + MINIMUM + 'S = { to = "status", date_format = "%d" }',
            "fields.S.date_format",
            "for days",
        ),
        (
            "[fields]\n" + MINIMUM + 'S = { to = "status", format = "%d" }',
            "fields.S.format",
            "unknown",
        ),
    ],
)
def test_a_wrong_mapping_is_refused_with_file_key_and_reason(
    mapping_of, content, place, reason
):
    with pytest.raises(BadRequest) as caught:
        mapping_of(content)
    assert place in caught.value.message
    assert reason in caught.value.message


def test_a_mapping_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadRequest, match="No such file"):
        load_mapping(tmp_path / "none.toml")


@pytest.mark.parametrize("name", ["employee_id", "hire_date", "org_unit_id"])
def test_a_record_without_a_required_field_is_wrong(name):
    with pytest.raises(FieldError, match=f"{name} is missing"):
        canonical(WORKFORCE).row(RECORD | {name: "  "})


def test_a_wrong_cell_is_named_and_never_quoted():
    with pytest.raises(FieldError) as caught:
        canonical(WORKFORCE).row(RECORD | {"status": "ada@example.com"})
    assert caught.value.field == "status"
    assert "ada" not in str(caught.value)


def test_a_list_is_taken_where_the_column_is_one():
    mapping = canonical(WORKFORCE)
    lists = {"regulatory_classes": ["b", "a"], "identities": ["mailto:a@b.c"]}
    assert mapping.row(RECORD | lists)["regulatory_classes"] == ["a", "b"]
    with pytest.raises(FieldError, match="job_code holds a list"):
        mapping.row(RECORD | {"job_code": ["1", "2"]})


def test_kept_cells_are_those_mapped_and_cut_to_size():
    cells = {"employee_id": "E1", "secret": "x", "metric": "m" * 9000, "unit": ""}
    kept = canonical(KPI).kept(cells)
    assert kept == {"employee_id": "E1", "metric": "m" * 4000}
