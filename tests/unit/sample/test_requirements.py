"""The packaged requirements are usable and speak of the sample company."""

from __future__ import annotations

from importlib.resources import as_file, files

import pytest

from analytics.requirements import load
from analytics.requirements.model import LEAVE_POLICIES, SATISFIED_BY
from analytics.sample.courses import COURSES
from analytics.sample.needs import Requirement, requirements
from analytics.sample.organisation import JOB_BY_CODE, JOBS, SITES

from .conftest import Company

PACKAGED = requirements()


def test_there_are_ten_that_the_product_accepts() -> None:
    with as_file(files("config") / "requirements") as folder:
        loaded = load(folder)
    assert len(loaded) == len(PACKAGED) == 10
    assert {one.basis for one in loaded} == {"entry", "hire", "calendar"}
    assert {one.satisfied_by for one in loaded} == set(SATISFIED_BY) - {"satisfied"}
    assert {one.leave_policy for one in loaded} == set(LEAVE_POLICIES)
    assert len([one for one in loaded if one.validity_days is None]) == 1
    assert any(one.all_of for one in loaded)


@pytest.mark.parametrize("one", PACKAGED, ids=lambda one: one.code)
def test_a_requirement_names_what_the_company_has(
    company: Company, one: Requirement
) -> None:
    classes = {name for job in JOBS for name in job.classes.split(";")}
    units = {row["org_unit_id"] for row in company.workforce}
    assert set(one.activities) <= set(COURSES)
    assert set(one.audience.get("org_unit", [])) <= units
    assert set(one.audience.get("job_code", [])) <= set(JOB_BY_CODE)
    assert set(one.audience.get("location", [])) <= set(SITES)
    assert set(one.audience.get("regulatory_class", [])) <= classes


@pytest.mark.parametrize("one", PACKAGED, ids=lambda one: one.code)
def test_each_course_of_a_requirement_is_taken(
    company: Company, one: Requirement
) -> None:
    taken = {statement["object"]["id"] for statement in company.statements}
    assert set(one.activities) <= taken


def test_an_exemption_names_a_packaged_requirement(company: Company) -> None:
    codes = {one.code for one in PACKAGED}
    assert {row["requirement"] for row in company.exemptions} <= codes
