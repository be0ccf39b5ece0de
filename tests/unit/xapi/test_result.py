"""Tests of lrs.xapi.result."""

from decimal import Decimal

import pytest

from lrs.xapi.result import result


def paths(value):
    found = []
    result(value, "", "result", found)
    return [violation.path for violation in found]


@pytest.mark.parametrize(
    "score",
    [
        {},
        {"scaled": 1},
        {"scaled": -1.0},
        {"scaled": Decimal("0.95"), "raw": 95, "min": 0, "max": 1e2},
        {"raw": 10**30, "min": Decimal("-1e400")},
        {"min": 0, "max": 10},
    ],
)
def test_scores_within_their_ranges_are_accepted(score):
    assert paths({"score": score}) == []


@pytest.mark.parametrize(
    ("score", "name"),
    [
        ({"scaled": 1.01}, "scaled"),
        ({"scaled": -2}, "scaled"),
        ({"scaled": "1"}, "scaled"),
        ({"scaled": True}, "scaled"),
        ({"scaled": float("nan")}, "scaled"),
        ({"raw": 1, "min": 2}, "raw"),
        ({"raw": 3, "max": 2}, "raw"),
        ({"min": 2, "max": 2}, "min"),
        ({"min": 3, "max": Decimal(2)}, "min"),
        ({"max": None}, "max"),
    ],
)
def test_scores_that_contradict_are_rejected(score, name):
    assert paths({"score": score}) == [f"result.score.{name}"]


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"success": "true"}, "result.success"),
        ({"completion": 1}, "result.completion"),
        ({"response": 1}, "result.response"),
        ({"duration": "1h"}, "result.duration"),
        ({"duration": 3600}, "result.duration"),
        ({"extensions": {"": 1}}, "result.extensions"),
        ({"score": 1}, "result.score"),
        ({"score": {"Raw": 1}}, "result.score"),
        ([], "result"),
    ],
)
def test_the_path_names_what_is_wrong(value, path):
    assert paths(value) == [path]
