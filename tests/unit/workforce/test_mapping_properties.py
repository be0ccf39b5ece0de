"""Whatever a file holds: a record becomes a row, is skipped, or is refused by field."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.workforce.mapping import FieldError, Mapped, canonical, load_mapping
from analytics.workforce.model import TABLES, WORKFORCE
from lrs.errors import BadRequest

SLOW = [HealthCheck.too_slow]  # others may be at work on this machine
NAMES = ["No", "Hired", "Unit", "A", "B.c", "d[0].e", "d[e=1].f", "g[*]", "g.h"]
KEYS = ["No", "Hired", "Unit", "A", "B", "c", "d", "e", "f", "g", "h", "B.c", "#text"]
TELLING = [
    *("", " ", "1", "no", "yes", "hire", "active", "E1", "0001", "1,5", "2024-01-31"),
    *("31.01.2024", "9999-12-31", "0001-01-01T00:00:00+14:00", "/Date(1717113600000)/"),
    *("/Date(-99999999999999999)/", "Europe/Paris", "a@b.c", "mailto:a@b.c", "a;b"),
    *("a\nb", "\ud800", "x" * 4001, "9" * 400, "nan", "-inf", "٣", "ß", "1e999"),
]
texts = st.sampled_from(TELLING) | st.text(max_size=8)
leaves = texts | st.none() | st.booleans() | st.integers() | st.floats()
leaves |= st.sampled_from([2**70, [["x"]], ["x"] * 1001])
cells = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
    ),
    max_leaves=8,
)
records = st.dictionaries(st.sampled_from(KEYS), cells, max_size=len(KEYS))
# Often whole, so that what comes after the required columns is reached.
whole = st.fixed_dictionaries(
    {"No": st.just("E1"), "Hired": st.just("2024-01-31"), "Unit": st.just("U")},
    optional=dict.fromkeys(KEYS[3:], cells),
)

STEPS = {
    "any": """
case = "upper"
strip_zeros = true
pad = 3
prefix = "a:"
suffix = ")"
values = { 1 = "" }; other = ""
extract = "([0-9]+)"
extract = "^(.*)$"; unmatched = "keep"
""",
    "day": """
date_format = ["odata", "iso_time", "%d.%m.%Y", "excel"]; time_zone = "location"
date_format = "iso_time"; time_zone = "Europe/Paris"; absent_from = 2024-01-01
date_format = ["%d.%m.%Y", "iso"]
absent_from = 2024-01-31
""",
    "number": """
decimal = ","
divide_by = 0.001
""",
    "yes": """
yes_no = { yes = "active", no = "" }
""",
}
KINDS = {"termination_date": "day", "effective_date": "day", "fte": "number"}
KINDS |= {"original_hire_date": "day", "status": "yes"}


def is_value(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(part, str) and part for part in value)
    return isinstance(value, float) or (isinstance(value, str) and value != "")


def outcome(mapping, record):
    """Return what becomes of a record; anything but a row or FieldError fails."""
    try:
        mapped = mapping.mapped(record)
    except FieldError as error:
        return error.field, error.reason
    assert isinstance(mapped, Mapped)
    assert all(map(is_value, mapped.row.values()))
    assert set(mapped.row) <= {column.name for column in mapping.table.columns}
    orjson.dumps(mapped.row)  # as the digest of a row does
    return mapped


@pytest.mark.parametrize("kind", TABLES)
def test_the_canonical_mapping_takes_any_record(kind):
    table = TABLES[kind]
    names = st.sampled_from([column.name for column in table.columns])
    mapping = canonical(table)

    @settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
    @given(st.dictionaries(names, cells))
    def check(record):
        outcome(mapping, record)
        json.dumps(mapping.kept(record))

    check()


@st.composite
def readings(draw, kind="", deep=0):
    origins = [f"from = {json.dumps(draw(st.sampled_from(NAMES)))}"] * 3
    if kind in ("", "yes"):
        origins.append('constant = "active"')
    if deep < 2:
        parts = [
            "{ " + ", ".join(draw(readings(kind, deep + 1)).split("\n")) + " }"
            for _ in range(draw(st.integers(1, 2)))
        ]
        origins += [f"first = [{', '.join(parts)}]", f"join = [{', '.join(parts)}]"]
    steps = STEPS["any"].split("\n") + STEPS.get(kind, "").split("\n")
    chosen = draw(
        st.lists(st.sampled_from(steps), max_size=2, unique_by=lambda s: s[:6])
    )
    lines = [draw(st.sampled_from(origins)), *chosen]
    return "\n".join(line.replace("; ", "\n") for line in lines if line)


@st.composite
def mapping_files(draw):
    optional = [c.name for c in WORKFORCE.columns if not c.required] + ["rescinded"]
    columns = draw(st.lists(st.sampled_from(optional), max_size=4, unique=True))
    lines = ['[fields]\nNo = "employee_id"\nHired = "hire_date"\nUnit = "org_unit_id"']
    if "location_time_zone" not in columns:
        lines.insert(1, 'A = "location_time_zone"')
    lines += [
        f"[columns.{name}]\n{draw(readings(KINDS.get(name, '')))}" for name in columns
    ]
    if draw(st.booleans()):
        test = draw(st.sampled_from(['is = "1"', 'matches = "."', "filled = true"]))
        lines.append(f"[[only]]\n{draw(readings())}\n{test}")
    return "\n".join(lines)


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("mappings") / "acme.toml"


def test_a_mapping_that_loads_never_raises_on_any_record(file):
    loaded = 0

    @settings(max_examples=400, deadline=None, suppress_health_check=SLOW)
    @given(mapping_files(), st.lists(whole | records, min_size=1, max_size=4))
    def check(content, some):
        nonlocal loaded
        file.write_text(content, encoding="utf-8")
        try:
            mapping = load_mapping(file)
        except BadRequest:
            return
        loaded += 1
        for record in some:
            first = outcome(mapping, record)
            # Remembered or not, and from what the quarantine keeps: all the same.
            assert outcome(mapping, record) == first
            assert outcome(load_mapping(file), record) == first
            assert outcome(mapping, mapping.named(record)) == first

    check()
    assert loaded


@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
@given(st.text(max_size=200))
def test_a_file_of_any_text_is_a_mapping_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(content, encoding="utf-8", errors="ignore")
    with pytest.raises(BadRequest):
        load_mapping(path)


@settings(max_examples=200, deadline=None, suppress_health_check=SLOW)
@given(
    st.dictionaries(st.sampled_from(["from", "first", "join", "values", "pad"]), cells)
)
def test_an_entry_of_any_shape_is_a_reading_or_refused(tmp_path_factory, entry):
    path = tmp_path_factory.getbasetemp() / "entry.toml"
    minimum = (
        '[fields]\nNo = "employee_id"\nHired = "hire_date"\nUnit = "org_unit_id"\n'
    )
    lines = []
    for key, value in entry.items():
        try:
            lines.append(f"{key} = {json.dumps(value)}")
        except ValueError:
            continue
    content = minimum + "[columns.job_code]\n" + "\n".join(lines)
    path.write_text(content, encoding="utf-8", errors="ignore")
    with suppress(BadRequest):
        load_mapping(path)
