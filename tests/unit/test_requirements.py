"""Requirement files: what is read of one, and of several together.

How a requirement acts on people is compared with the oracle elsewhere; here is only
the way from the TOML file to the Requirement and to the row that the SQL reads.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analytics.reports.session import requirements_table
from analytics.requirements import Requirement, WrongRequirement, load, read
from tests.requirement_files import EXAMPLE, a_file

PACKAGED = Path(__file__).parents[2] / "config" / "requirements"


@pytest.mark.parametrize("path", sorted(PACKAGED.glob("*.toml")), ids=lambda p: p.stem)
def test_a_packaged_requirement_loads_and_has_the_name_of_its_file(path: Path) -> None:
    assert read(path).code == path.stem


def test_there_are_ten_packaged_requirements_sorted_by_code() -> None:
    codes = [item.code for item in load(PACKAGED)]
    assert len(codes) == 10
    assert codes == sorted(set(codes))


def test_the_example_of_the_interface_is_read_key_by_key(tmp_path: Path) -> None:
    path = tmp_path / "example.toml"
    path.write_text(EXAMPLE)
    nothing: tuple[str, ...] = ()
    assert read(path) == Requirement(
        code="FIRE-01",
        title="Fire safety",
        activities=("https://courses.example.com/fire-safety",),
        all_of=False,
        satisfied_by="completed",
        min_score=0.8,
        basis="entry",
        calendar_basis=None,
        initial_days=30,
        validity_days=365,
        grace_days=7,
        look_back_days=90,
        leave_policy="none",
        carry_gap_days=None,
        effective_from=date(2025, 1, 1),
        version=1,
        version_from=date(2025, 1, 1),
        audience={
            "org_unit": ("OPS",),
            "job_code": nothing,
            "location": nothing,
            "worker_type": nothing,
            "regulatory_class": nothing,
        },
        min_tenure_days=0,
    )


def test_what_is_absent_has_the_defaults_of_the_interface(tmp_path: Path) -> None:
    found = asdict(read(a_file(tmp_path)))
    expected: dict[str, Any] = {
        "min_score": None,
        "calendar_basis": None,
        "initial_days": 0,
        "validity_days": None,
        "grace_days": 0,
        "return_grace_days": 0,
        "look_back_days": 0,
        "leave_policy": "none",
        "carry_gap_days": None,
        "version": 1,
        "version_from": date(2025, 1, 1),
        "min_tenure_days": 0,
    }
    assert {key: found[key] for key in expected} == expected
    assert set(found["audience"].values()) == {()}


def test_all_of_stands_in_the_place_of_activities(tmp_path: Path) -> None:
    found = read(a_file(tmp_path, activities=None, all_of='["https://a.b/1", "x:2"]'))
    assert (found.all_of, found.activities) == (True, ("https://a.b/1", "x:2"))


def test_an_empty_list_of_activities_is_not_given(tmp_path: Path) -> None:
    assert read(a_file(tmp_path, all_of="[]")).all_of is False


def test_days_after_a_leave_are_read_for_the_reports(tmp_path: Path) -> None:
    found = read(a_file(tmp_path, return_grace_days="365"))
    (row,) = requirements_table([found]).to_pylist()
    assert (found.return_grace_days, row["return_grace_days"]) == (365, 365)


@pytest.mark.parametrize(("given", "years"), [("3", "3"), ('"forever"', "forever")])
def test_retention_is_years_or_for_ever_from_the_training(
    tmp_path: Path, given: str, years: str
) -> None:
    found = read(a_file(tmp_path, retention_years=given, retention_basis='"a rule"'))
    assert (found.retention_years, found.retention_from) == (years, "training")
    assert found.retention_basis == "a rule"


def test_a_whole_number_is_a_score_too(tmp_path: Path) -> None:
    assert read(a_file(tmp_path, min_score="1")).min_score == 1.0


def test_an_audience_without_worker_types_means_employees_and_contractors(
    tmp_path: Path,
) -> None:
    (row,) = requirements_table([read(a_file(tmp_path))]).to_pylist()
    assert row["worker_types"] == ["employee", "contractor"]


def test_a_named_worker_type_is_the_only_one_meant(tmp_path: Path) -> None:
    found = read(a_file(tmp_path, audience__worker_type='["partner"]'))
    (row,) = requirements_table([found]).to_pylist()
    assert row["worker_types"] == ["partner"]


@pytest.mark.parametrize(
    ("keys", "days"),
    [
        ({"rehire_policy": '"reset"'}, None),
        ({"rehire_policy": '"carry_over"'}, 1_000_000),
        ({"rehire_policy": '"carry_if_gap_days = 90"'}, 90),
        ({"rehire_policy": '"carry_if_gap_days=90"'}, 90),
        ({"rehire_policy": '"carry_if_gap_days  =  0"'}, 0),
        ({"rehire_policy": "{ carry_if_gap_days = 90 }"}, 90),
        ({"rehire_policy.carry_if_gap_days": "90"}, 90),
        ({"carry_if_gap_days": "90"}, 90),
        ({"rehire_policy": '"carry_if_gap_days"', "carry_if_gap_days": "90"}, 90),
    ],
)
def test_each_spelling_of_the_rehire_policy_means_the_same(
    tmp_path: Path, keys: dict[str, str], days: int | None
) -> None:
    assert read(a_file(tmp_path, **keys)).carry_gap_days == days


def test_versions_of_a_code_are_loaded_in_order(tmp_path: Path) -> None:
    a_file(tmp_path, "a.toml", version="2", version_from="2026-01-01")
    a_file(tmp_path, "b.toml", version="10", version_from="2026-02-01")
    a_file(tmp_path, "c.toml")
    assert [item.version for item in load(tmp_path)] == [1, 2, 10]


def test_a_version_that_stands_twice_is_refused(tmp_path: Path) -> None:
    a_file(tmp_path, "a.toml")
    a_file(tmp_path, "b.toml")
    with pytest.raises(WrongRequirement, match=r"b\.toml, line \d: version 1 of"):
        load(tmp_path)


def test_versions_that_disagree_on_effective_from_are_refused(tmp_path: Path) -> None:
    a_file(tmp_path, "a.toml")
    a_file(tmp_path, "b.toml", version="2", effective_from="2025-06-01")
    with pytest.raises(
        WrongRequirement, match=r"b\.toml, line \d: effective_from is 2025-06-01"
    ):
        load(tmp_path)


def test_other_files_of_the_folder_are_left_alone(tmp_path: Path) -> None:
    a_file(tmp_path)
    (tmp_path / "README.md").write_text("not a requirement")
    (tmp_path / "fire.toml.bak").write_text("neither")
    assert len(load(tmp_path)) == 1


def test_an_empty_folder_has_no_requirements_and_none_at_all_is_refused(
    tmp_path: Path,
) -> None:
    assert load(tmp_path) == []
    with pytest.raises(WrongRequirement, match="LRS_REQUIREMENTS_DIR"):
        load(tmp_path / "nowhere")


EXAMPLES = sorted((PACKAGED / "examples").glob("*.toml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_can_be_used_beside_the_packaged_requirements(
    path: Path, tmp_path: Path
) -> None:
    for file in (*PACKAGED.glob("*.toml"), path):
        (tmp_path / file.name).write_text(file.read_text())
    assert len(load(tmp_path)) == 11


def test_the_page_on_requirements_names_every_key_and_every_example() -> None:
    text = (PACKAGED / "README.md").read_text()
    keys = set(Requirement.__dataclass_fields__)
    ours = {"carry_gap_days": "carry_if_gap_days"}
    for key in keys:
        assert f"`{ours.get(key, key)}" in text or f"[{key}]" in text, key
    assert {path.name for path in EXAMPLES} == set(
        re.findall(r"examples/([a-z-]+\.toml)", text)
    )


def test_a_group_may_be_any_of_its_activities_or_all(tmp_path: Path) -> None:
    groups = '[{ activities = ["a:1", "a:2"] }, { all_of = ["a:2", "a:3"] }]'
    found = read(a_file(tmp_path, activities=None, any_of=groups))
    assert found.ways == ((("a:1", "a:2"),), (("a:2",), ("a:3",)))
    assert found.activities == ("a:1", "a:2", "a:3")


@pytest.mark.parametrize(
    ("items", "reason"),
    [('["COC-01"]', "not there"), ('["CUR-02"]', "which is a curriculum")],
)
def test_a_curriculum_of_what_is_not_there_or_of_curricula_is_refused(
    tmp_path: Path, items: str, reason: str
) -> None:
    of_items = {"activities": None, "satisfied_by": None}
    a_file(tmp_path)
    a_file(tmp_path, "b.toml", code='"CUR-02"', items='["FIRE-01"]', **of_items)
    a_file(tmp_path, "c.toml", code='"CUR-01"', items=items, **of_items)
    with pytest.raises(WrongRequirement, match=rf"c\.toml, line \d: items .*{reason}"):
        load(tmp_path)


def test_versions_that_disagree_on_the_last_day_are_refused(tmp_path: Path) -> None:
    a_file(tmp_path, "a.toml")
    a_file(tmp_path, "b.toml", version="2", effective_to="2026-01-01")
    with pytest.raises(
        WrongRequirement, match="effective_to is 2026-01-01, and absent"
    ):
        load(tmp_path)
