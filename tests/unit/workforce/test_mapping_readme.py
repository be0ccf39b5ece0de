"""The page by which a mapping is written: its example does what it says."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from analytics.workforce.mapping import load_mapping
from analytics.workforce.mapping.reading_tables import JOIN_KEYS, ORIGINS
from analytics.workforce.mapping.step_tables import STEP_KEYS

README = Path(__file__).parents[3] / "config" / "hris" / "README.md"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
MINIMUM = '[fields]\nNo = "employee_id"\nHired = "hire_date"\nUnit = "org_unit_id"\n'


def block(language: str) -> str:
    return next(text for found, text in BLOCKS if found == language)


@pytest.fixture
def example(tmp_path):
    path = tmp_path / "acme.toml"
    path.write_text(block("toml"), encoding="utf-8")
    return load_mapping(path)


def test_the_example_makes_of_its_file_what_the_page_says(example):
    records = list(csv.DictReader(block("csv").splitlines()))
    mapped = [example.mapped(record) for record in records]
    expected = [json.loads(line) for line in block("json").splitlines()]
    assert [item.row for item in mapped if not item.skipped] == expected
    assert [item.skipped for item in mapped] == [False] * 4 + [True]
    assert [item.whole_hire for item in mapped] == [False] * 3 + [True, False]


def test_the_example_never_looks_at_a_field_that_it_does_not_name(example):
    records = list(csv.DictReader(block("csv").splitlines()))
    fields = tuple(records[0])
    assert example.unnamed(fields) == ("Birth date",)
    assert example.missing(fields) == example.lacking(fields) == []
    for record in records:
        assert record["Birth date"] not in str(example.kept(record))
        assert record["Birth date"] not in str(example.named(record))


def test_the_terms_of_the_example_are_read(example):
    terms = example.terms
    assert (terms.mode, terms.missing_person) == ("full", "terminate")
    assert terms.max_terminated_share == 0.05
    assert example.format == {"type": "csv", "separator": ","}


def test_the_other_examples_of_the_page_load(tmp_path):
    others = [text for language, text in BLOCKS if language == "toml"][1:]
    assert others
    for number, text in enumerate(others):
        path = tmp_path / f"other{number}.toml"
        pay = '"Pay grade" = "job_level"\n' if "Pay grade" in text else ""
        path.write_text(MINIMUM + pay + text, encoding="utf-8")
        load_mapping(path)


def test_the_page_names_every_key():
    page = README.read_text(encoding="utf-8")
    for key in (*ORIGINS, *STEP_KEYS, *JOIN_KEYS, "default", "rescinded"):
        assert f"`{key}" in page or f"\n{key} = " in page, key
