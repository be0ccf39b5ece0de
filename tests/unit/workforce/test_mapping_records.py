"""Which records of a delivery are asked for, and which take back what was said."""

from __future__ import annotations

import pytest

from analytics.workforce.mapping import FieldError, Mapped, load_mapping
from lrs.errors import BadRequest
from tests.unit.workforce.mappings import RECORD, a_mapping


@pytest.mark.parametrize(
    ("condition", "cells", "kept"),
    [
        ('from = "D"\nis = "R&D"', {"D": " R&D "}, True),
        ('from = "D"\nis = "R&D"', {"D": "Sales"}, False),
        ('from = "D"\nis = ["R&D", "Sales"]', {"D": "Sales"}, True),
        ('from = "D"\nis = "R&D"', {}, False),
        ('from = "D"\nis_not = ["Sales"]', {}, True),
        ('from = "D"\nis_not = ["Sales"]', {"D": "Sales"}, False),
        ('from = "D"\nis = "b"', {"D": ["a", "b"]}, True),
        ('from = "D"\nis_not = "b"', {"D": ["a", "b"]}, False),
        ('from = "D"\nmatches = "^R"', {"D": "R&D"}, True),
        ('from = "D"\nmatches = "^R"', {"D": "D"}, False),
        ('from = "D"\nfilled = true', {"D": ""}, False),
        ('from = "D"\nfilled = false', {"D": ""}, True),
        ('from = "D"\ncase = "lower"\nis = "r&d"', {"D": "R&D"}, True),
        ('from = "d.code"\nis = "1"', {"d": {"code": 1}}, True),
    ],
)
def test_a_record_is_asked_for_or_skipped(tmp_path, condition, cells, kept):
    mapping = a_mapping(tmp_path, f"[[only]]\n{condition}")
    mapped = mapping.mapped(RECORD | cells)
    assert mapped.skipped is not kept
    assert bool(mapped.row) is kept


def test_all_conditions_must_hold(tmp_path):
    more = '[[only]]\nfrom = "A"\nis = "1"\n[[only]]\nfrom = "B"\nis = "1"'
    mapping = a_mapping(tmp_path, more)
    assert mapping.mapped(RECORD | {"A": "1", "B": "2"}).skipped
    assert not mapping.mapped(RECORD | {"A": "1", "B": "1"}).skipped


def test_a_skipped_record_may_be_wrong_otherwise(tmp_path):
    mapping = a_mapping(tmp_path, '[only]\nfrom = "D"\nis = "R&D"')
    assert mapping.mapped({"D": "Sales"}) == Mapped({}, skipped=True)


@pytest.mark.parametrize(
    ("cell", "retracts", "whole_hire"),
    [
        *((cell, False, False) for cell in ("", "no", "0")),
        *((cell, True, False) for cell in ("yes", "1", "ROW")),
        ("hire", True, True),
    ],
)
def test_a_record_says_what_it_takes_back(tmp_path, cell, retracts, whole_hire):
    mapping = a_mapping(tmp_path, 'Gone = "rescinded"')
    mapped = mapping.mapped(RECORD | {"Gone": cell})
    assert (mapped.retracts, mapped.whole_hire) == (retracts, whole_hire)
    assert "rescinded" not in mapped.row


def test_a_retraction_needs_its_key_only_and_keeps_nothing_else(tmp_path):
    more = 'Gone = "rescinded"\nMail = "email"\nFrom = "effective_date"'
    mapping = a_mapping(tmp_path, more)
    record = {"No": "E1", "Gone": "1", "Mail": "no address", "From": "2024-02-01"}
    row = {"employee_id": "E1", "effective_date": "2024-02-01"}
    assert mapping.mapped(record) == Mapped(row, retracts=True)
    hire = record | {"Gone": "hire", "Hired": "2024-01-01", "From": ""}
    assert mapping.mapped(hire).row == {
        "employee_id": "E1",
        "effective_date": "2024-01-01",
        "hire_date": "2024-01-01",
    }
    for wrong in (record | {"No": ""}, record | {"From": "then"}, hire | {"Hired": ""}):
        with pytest.raises(FieldError):
            mapping.mapped(wrong)


def test_an_event_takes_back_a_hire(tmp_path):
    more = (
        '[columns.rescinded]\nfrom = "Event"\nvalues = { NOSHOW = "hire" }\nother = ""'
    )
    mapping = a_mapping(tmp_path, more)
    assert mapping.mapped(RECORD | {"Event": "NOSHOW"}).whole_hire
    assert not mapping.mapped(RECORD | {"Event": "HIRE"}).retracts


def test_what_takes_back_must_be_readable(tmp_path):
    mapping = a_mapping(tmp_path, 'Gone = "rescinded"')
    with pytest.raises(FieldError, match="Gone is not one of yes, no, row or hire"):
        mapping.mapped(RECORD | {"Gone": "perhaps"})


def test_a_figure_has_no_hire_to_take_back(tmp_path):
    path = tmp_path / "kpi.toml"
    path.write_text(
        'kind = "kpi"\n[fields]\nNo = "employee_id"\nM = "metric"\nD = "period_start"\n'
        'V = "value"\nGone = { to = "rescinded", values = { x = "hire" } }'
    )
    with pytest.raises(BadRequest, match=r"values\.x, is not one of yes, no or row"):
        load_mapping(path)
    path.write_text(path.read_text().replace('"hire"', '"row"'))
    record = {"No": "1", "M": "m", "D": "2024-01-01", "Gone": "x"}
    assert load_mapping(path).mapped(record).row == {
        "employee_id": "1",
        "metric": "m",
        "period_start": "2024-01-01",
    }


def test_a_sequence_is_read_beside_the_row(tmp_path):
    mapping = a_mapping(tmp_path, 'Seq = "sequence"')
    assert mapping.mapped(RECORD | {"Seq": "2"}).sequence == 2
    assert mapping.mapped(RECORD).sequence is None
    assert "sequence" not in mapping.row(RECORD | {"Seq": "2"})
    with pytest.raises(FieldError, match="Seq is not a number"):
        mapping.mapped(RECORD | {"Seq": "second"})


def test_whose_record_it_is_can_be_told_of_a_wrong_one(tmp_path):
    mapping = a_mapping(
        tmp_path,
        '[columns.employee_id]\njoin = ["Company", "No"]\nwith = "-"',
        without="employee_id",
    )
    assert mapping.person({"Company": "DE", "No": "7", "Hired": "never"}) == "DE-7"
    assert mapping.person({"Company": "DE"}) is None
    assert mapping.person({"Company": ["a", "b"], "No": "7"}) is None
