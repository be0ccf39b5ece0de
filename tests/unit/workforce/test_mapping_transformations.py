"""What a mapping may do to a text, and from how many fields it may take it."""

from __future__ import annotations

import pytest

from analytics.workforce.mapping import FieldError, load_mapping
from tests.unit.workforce.mappings import RECORD, a_mapping


@pytest.fixture
def value_of(tmp_path):
    """Return what a column's table makes of some cells."""

    def read(column, table, *, head="", **cells):
        mapping = a_mapping(
            tmp_path, f"{head}---\n[columns.{column}]\n{table}", without=column
        )
        return mapping.row(RECORD | cells).get(column)

    return read


@pytest.mark.parametrize(
    ("table", "cell", "expected"),
    [
        ("", "  x ", "x"),
        ("", " ", None),
        ('extract = "^([^ ]+)"', "R&D (Paris)", "R&D"),
        ('extract = "([0-9]+)"', "Unit 4711", "4711"),
        ('extract = "([0-9]+)"\nunmatched = "absent"', "Unit", None),
        ('extract = "([0-9]+)"\nunmatched = "keep"', "Unit", "Unit"),
        ('extract = "a(b)?"', "a", None),
        ('case = "lower"', "ÄB", "äb"),
        ('case = "upper"', "äb", "ÄB"),
        ("strip_zeros = true", "00017", "17"),
        ("strip_zeros = true", "000", "0"),
        ("pad = 5", "17", "00017"),
        ("pad = 2", "1700", "1700"),
        ("strip_zeros = true\npad = 3", "00000017", "017"),
        ('values = { a = "A" }', "a", "A"),
        ('values = { a = "A" }', "b", "b"),
        ('values = { a = "" }', "a", None),
        ('values = { a = "A" }\nother = "?"', "b", "?"),
        ('values = { a = "A" }\nother = ""', "b", None),
        ('case = "upper"\nvalues = { A = "first" }\nprefix = "x"', "a", "first"),
        ('case = "upper"\nvalues = { A = "first" }\nprefix = "x"', "b", "xB"),
        ('prefix = "["\nsuffix = "]"', "b", "[b]"),
        ('default = "none"', "", "none"),
        ('values = { "-" = "" }\ndefault = "none"', "-", "none"),
    ],
)
def test_a_text_is_shaped(value_of, table, cell, expected):
    assert value_of("job_code", f'from = "X"\n{table}', X=cell) == expected


@pytest.mark.parametrize(
    ("table", "cell", "reason"),
    [
        ('extract = "^([0-9]+)$"', "person@example.com", "mapping's pattern"),
        ('values = { a = "A" }\nrefuse_other = true', "secret", "mapping lists"),
        ('yes_no = { yes = "a", no = "b" }', "perhaps", "neither a yes nor a no"),
        ("strip_zeros = true", "x" * 4001, "4,001 characters"),
        ('extract = "(.+)"', "\ud800", "half a character"),
        ("", "\udfff", "half a character"),
        ("", "a\x00b", "control character"),
        ("", ["secret", "other"], "list where one value"),
        ("", {"secret": "x"}, "holds a record"),
        ("", ["secret", ["x"]], "list in a list"),
        ("", ["x"] * 1001, "list of over 1,000"),
        pytest.param("", 10**5000, "too large a number", id="5,000 digits"),
    ],
)
def test_a_text_that_does_not_fit_is_named_by_field_and_shape(
    value_of, table, cell, reason
):
    with pytest.raises(FieldError, match=reason) as caught:
        value_of("job_code", f'from = "X"\n{table}', X=cell)
    assert caught.value.field == "X"
    for secret in ("secret", "person", "perhaps"):
        assert secret not in str(caught.value)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        *((yes, "leave") for yes in ("1", "true", "Y", "JA", "oui", "sí", "x", True)),
        *((no, "active") for no in ("0", "False", "n", "Nein", "non", False, 0)),
    ],
)
def test_a_yes_and_a_no_have_many_spellings(value_of, cell, expected):
    table = 'from = "X"\nyes_no = { yes = "leave", no = "active" }'
    assert value_of("status", table, X=cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [(5, "5"), (1.5, "1.5"), (True, "true"), (["one"], "one"), (["a", "a"], "a")],
)
def test_values_of_json_become_text(value_of, cell, expected):
    assert value_of("job_code", 'from = "X"', X=cell) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"A": "1", "B": "2"}, "1"),
        ({"A": " ", "B": "2"}, "2"),
        ({"B": "none"}, "3"),
        ({}, "3"),
    ],
)
def test_the_first_that_holds_anything_is_taken(value_of, cells, expected):
    table = 'first = ["A", { from = "B", values = { none = "" } }, { constant = "3" }]'
    assert value_of("job_code", table, **cells) == expected


def test_half_a_key_is_no_key(value_of):
    table = 'join = ["A", "B"]\nwith = "-"'
    assert value_of("job_code", table, A="1", B="2") == "1-2"
    assert value_of("job_code", table, A="1") is None
    assert value_of("job_code", table + "\ngaps = true", A="1") == "1"
    with pytest.raises(FieldError, match="employee_id is missing"):
        value_of("employee_id", table, A="1")


def test_a_list_is_joined_of_several_fields(value_of):
    table = (
        'join = [{ from = "L", prefix = "account:https://lms.example.com|" }, '
        '{ from = "M", prefix = "mailto:" }, "Absent"]'
    )
    assert value_of("identities", table, L="ada", M=["a@b.c"])[:2] == [
        "account https://lms.example.com ada",
        "mbox mailto:a@b.c",
    ]


def test_a_list_is_cut_from_a_text_and_each_part_shaped(value_of):
    table = 'from = "X"\nsplit = ","\ncase = "upper"\nvalues = { OLD = "" }'
    assert value_of("regulatory_classes", table, X="b, a,,old") == ["A", "B"]
    assert value_of("regulatory_classes", table, X=["b,c", "a"]) == ["A", "B", "C"]


def test_a_constant_stands_for_a_field_that_the_source_lacks(value_of):
    assert value_of("worker_type", 'constant = "contractor"') == "contractor"


@pytest.mark.parametrize(
    ("decimal", "cell", "expected"),
    [
        (",", "1,5", 1.5),
        (",", "1.234,5", 1234.5),
        (",", "1 234 567", 1234567.0),
        (",", "-1'000,25", -1000.25),
        (",", "12", 12.0),
        (".", "1,234.5", 1234.5),
    ],
)
def test_numbers_are_read_with_the_mark_that_the_mapping_names(
    tmp_path, decimal, cell, expected
):
    path = tmp_path / "kpi.toml"
    path.write_text(
        'kind = "kpi"\n[fields]\nNo = "employee_id"\nM = "metric"\nD = "period_start"\n'
        f'V = {{ to = "value", decimal = "{decimal}" }}'
    )
    record = {"No": "1", "M": "m", "D": "2024-01-01", "V": cell}
    assert load_mapping(path).row(record)["value"] == expected


@pytest.mark.parametrize("cell", ["1.5", "1.2345,0", "1,2,3", "", "x", "1e5"])
def test_a_number_that_could_mean_two_things_is_refused(value_of, cell):
    table = 'from = "X"\ndecimal = ","'
    if cell:
        with pytest.raises(FieldError, match="12,5"):
            value_of("fte", table, X=cell)
    else:
        assert value_of("fte", table, X=cell) is None


def test_hours_become_a_share_of_full_time(value_of):
    assert value_of("fte", 'from = "X"\ndivide_by = 40', X="30") == 0.75
    with pytest.raises(FieldError, match="full-time"):
        value_of("fte", 'from = "X"\ndivide_by = 40', X="100")


def test_what_was_read_before_is_read_alike(tmp_path):
    more = '[fields.X]\nto = "job_code"\npad = 3\n[fields.F]\nto = "fte"\n'
    mapping = a_mapping(tmp_path, more)
    first = [mapping.row(RECORD | {"X": str(n), "F": "1"}) for n in range(20_000)]
    again = [mapping.row(RECORD | {"X": str(n), "F": "1"}) for n in range(20_000)]
    assert first == again
    assert first[7]["job_code"] == "007"
    with pytest.raises(FieldError, match="number"):
        mapping.row(RECORD | {"F": "1x"})
    # To a dict these are one key.
    assert mapping.row(RECORD | {"X": "1"})["job_code"] == "001"
    with pytest.raises(FieldError, match="number"):
        mapping.row(RECORD | {"F": True})
