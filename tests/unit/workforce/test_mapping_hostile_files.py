"""Mapping files that are wrong, contradict themselves or mean harm."""

from __future__ import annotations

import pytest

from analytics.workforce.mapping import load_mapping
from lrs.errors import BadRequest
from tests.unit.workforce.mappings import a_mapping

COLUMN = "[columns.job_code]\n"


@pytest.mark.parametrize(
    ("more", "place", "reason"),
    [
        (COLUMN, "columns.job_code", "needs one of from, first, join, constant"),
        (
            COLUMN + 'from = "A"\nfirst = ["B"]',
            "columns.job_code",
            "it has from, first",
        ),
        (COLUMN + "from = 1", "columns.job_code.from", "name of a source field"),
        (COLUMN + 'from = " "', "columns.job_code.from", "name of a source field"),
        (COLUMN + f'from = "{"x" * 501}"', "job_code.from", "over 500 characters"),
        (COLUMN + "first = []", "job_code.first", "list of 1 to 50"),
        (COLUMN + 'first = "A"', "job_code.first", "list of 1 to 50"),
        (COLUMN + f"first = {['A'] * 51}", "job_code.first", "list of 1 to 50"),
        (COLUMN + "join = [1]", "job_code.join[1]", "name of a source field"),
        (COLUMN + 'join = ["A", {}]', "job_code.join[2]", "needs one of"),
        (COLUMN + 'from = "A"\nwith = "-"', "job_code.with", "for a join"),
        (COLUMN + 'from = "A"\nsplit = ";"', "job_code.split", "does not take"),
        (COLUMN + 'constant = ""', "job_code.constant", "empty"),
        (COLUMN + 'constant = "a"\ndefault = "b"', "job_code.default", "never acts"),
        (COLUMN + 'from = "A"\nextract = "(a"', "job_code.extract", "pattern of RE2"),
        (COLUMN + 'from = "A"\nextract = "a"', "job_code.extract", "exactly one group"),
        (COLUMN + 'from = "A"\nextract = "(a)(b)"', "job_code.extract", "one group"),
        (COLUMN + 'from = "A"\nextract = "(?=(a))"', "job_code.extract", "look-around"),
        (COLUMN + 'from = "A"\nextract = "(a)\\\\1"', "job_code.extract", "RE2"),
        (COLUMN + f'from = "A"\nextract = "({"a" * 500})"', "extract", "over 500"),
        (COLUMN + 'from = "A"\nextract = "(a{1000}){1000}"', "extract", "RE2"),
        (COLUMN + 'from = "A"\nunmatched = "keep"', "unmatched", "without 'extract'"),
        (COLUMN + 'from = "A"\ncase = "title"', "job_code.case", "lower, upper"),
        (COLUMN + 'from = "A"\npad = 101', "job_code.pad", "from 1 to 100"),
        (COLUMN + 'from = "A"\npad = 2.0', "job_code.pad", "whole number"),
        (COLUMN + 'from = "A"\nstrip_zeros = 1', "strip_zeros", "true nor false"),
        (COLUMN + 'from = "A"\nother = "x"', "job_code.other", "without 'values'"),
        (
            COLUMN
            + 'from = "A"\nvalues = { a = "b" }\nother = "x"\nrefuse_other = true',
            "job_code.other",
            "contradicts",
        ),
        (
            COLUMN
            + 'from = "A"\nvalues = { a = "b" }\nyes_no = { yes = "a", no = "b" }',
            "job_code.yes_no",
            "contradicts",
        ),
        (COLUMN + 'from = "A"\nyes_no = { yes = "a" }', "yes_no", "both"),
        (COLUMN + 'from = "A"\nyes_no = { maybe = "a" }', "yes_no.maybe", "unknown"),
        (COLUMN + 'from = "A"\ndecimal = ","', "job_code.decimal", "for numbers"),
        (COLUMN + 'from = "A"\ndate_format = "iso"', "date_format", "for days"),
        (COLUMN + 'from = "A"\nprefix = "a\\u0000"', "job_code.prefix", "control"),
        (
            '[columns.fte]\nfrom = "A"\ndivide_by = 0',
            "columns.fte.divide_by",
            "is not from",
        ),
        (
            '[columns.fte]\nfrom = "A"\ndecimal = "x"',
            "columns.fte.decimal",
            "not one of",
        ),
        ('[columns.fte]\nconstant = "3"', "columns.fte.constant", "full-time"),
        (
            '[columns.fte]\nfrom = "A"\ndefault = "3"',
            "columns.fte.default",
            "full-time",
        ),
        (
            '[columns.status]\nfrom = "A"\nyes_no = { yes = "busy", no = "" }',
            "columns.status.yes_no.yes",
            "not one of active",
        ),
        (
            '[columns.status]\nfirst = [{ from = "A", values = { x = "busy" } }]',
            "columns.status.first[1].values.x",
            "not one of active",
        ),
        (
            '[columns.regulatory_classes]\njoin = ["A"]\nwith = "-"',
            "regulatory_classes.with",
            "takes a list",
        ),
        ("[columns.shoe_size]\nfrom = 'A'", "columns.shoe_size", "unknown column"),
        ("[columns]\njob_code = 'A'", "columns.job_code", "not a table"),
        ("[columns.hire_date]\nfrom = 'A'", "columns.hire_date", "as Hired already"),
        ("[fields.A]\nto = 'job_code'\nfrom = 'B'", "fields.A.from", "for [columns]"),
        ("columns = 1\n---\n", "columns", "not a table"),
        ("name = 1\n---\n", "name", "not text"),
        ("kind = 1\n---\n", "kind", "not text"),
        ('time_zone = "Mars"\n---\n', "time_zone", "IANA"),
        ("only = 1\n---\n", "only", "neither a table nor a list"),
        ("only = [1]\n---\n", "only", "neither a table nor a list"),
        ('[[only]]\nfrom = "A"', "only[1]", "needs one of is, is_not"),
        ('[[only]]\nfrom = "A"\nis = "1"\nis_not = "2"', "only[1]", "needs one of"),
        ('[[only]]\nfrom = "A"\nis = 1', "only[1].is", "neither text nor a list"),
        ('[[only]]\nfrom = "A"\nmatches = "("', "only[1].matches", "RE2"),
        (
            '[[only]]\nfrom = "A"\ndate_format = "iso"\nis = "x"',
            "only[1]",
            "compare text",
        ),
        ('[[only]]\nis = "1"', "only[1]", "needs one of from"),
    ],
)
def test_a_wrong_mapping_is_refused_with_file_key_and_rule(
    tmp_path, more, place, reason
):
    with pytest.raises(BadRequest) as caught:
        a_mapping(tmp_path, more)
    assert caught.value.message.startswith("mapping acme.toml")
    assert place in caught.value.message
    assert reason in caught.value.message


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe", "not TOML in UTF-8"),
        (b"a = " + b"[" * 5_000, "nested too deeply|not TOML"),
        (b"a = " + b"9" * 5_000, "not TOML"),
        (b"#" * ((1 << 20) + 1), "over 1 MiB"),
        (b"a.b.c = 1\n" + b"a" * 5_000 + b" = 1", "unknown"),
        (b"[fields]\n" + b"x" * 5_000 + b" = 1", r"xxx\.\.\., is neither"),
        (b"\x00", "not TOML"),
        (b"fields = []", "not a table"),
        (b"[[fields]]", "not a table"),
        (b"[fields]\na = 1\na = 2", "not TOML"),
    ],
)
def test_a_hostile_file_is_refused_in_one_short_sentence(tmp_path, content, reason):
    path = tmp_path / "acme.toml"
    path.write_bytes(content)
    with pytest.raises(BadRequest, match=reason) as caught:
        load_mapping(path)
    assert len(caught.value.message) < 500


def test_readings_nest_only_so_deep(tmp_path):
    inner = 'from = "A"'
    for _ in range(4):
        inner = f"first = [{{ {inner} }}]"
    assert a_mapping(tmp_path, COLUMN + inner)
    with pytest.raises(BadRequest, match="nested over 4 deep"):
        a_mapping(tmp_path, COLUMN + f"first = [{{ {inner} }}]")


def test_no_pattern_takes_longer_than_its_text(tmp_path):
    # The classics of catastrophic backtracking: with RE2 they end at once.
    for bomb in ("((?:a+)+)$", "^((?:a|aa)+)$", "((?:a?){30}(?:a){30})b"):
        mapping = a_mapping(
            tmp_path, f'{COLUMN}from = "A"\nextract = "{bomb}"\nunmatched = "absent"'
        )
        cells = {"No": "1", "Hired": "2024-01-01", "Unit": "U", "A": "a" * 3_999 + "!"}
        assert "job_code" not in mapping.row(cells)
