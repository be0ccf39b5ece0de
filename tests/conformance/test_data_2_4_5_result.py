"""xAPI-Data 2.4.5: result and score.

XAPI-00074 (success), XAPI-00075 (completion), XAPI-00076 (response), XAPI-00077
(duration), XAPI-00078 (extensions), XAPI-00079 to XAPI-00083 (score: XAPI-00080 max,
XAPI-00081 min, XAPI-00082 raw).
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.caller import Lrs
from tests.conformance.full_statement import a_result, a_statement, a_substatement

RESULTS: dict[str, tuple[Any, int]] = {
    "empty": ({}, 200),
    "all": (a_result(), 200),
    "success": ({"success": True}, 200),
    "no success": ({"success": False, "completion": True}, 200),
    "empty response": ({"response": ""}, 200),
    "duration": ({"duration": "PT1H0M0.1S"}, 200),
    "duration of weeks": ({"duration": "P4W"}, 200),
    "extensions": ({"extensions": {"x:y": {"z": [1]}}}, 200),
    "null": (None, 400),
    "text": ("passed", 400),
    "array": ([], 400),
    "success text": ({"success": "true"}, 400),
    "success other text": ({"success": "false"}, 400),
    "success number": ({"success": 1}, 400),
    "success null": ({"success": None}, 400),
    "completion text": ({"completion": "true"}, 400),
    "completion other text": ({"completion": "false"}, 400),
    "completion number": ({"completion": 0}, 400),
    "response number": ({"response": 12345}, 400),
    "response object": ({"response": {"a": "b"}}, 400),
    "response boolean": ({"response": True}, 400),
    "duration number": ({"duration": 12345}, 400),
    "duration text": ({"duration": "an hour"}, 400),
    "duration with a wrong letter": ({"duration": "PA1H0M0S"}, 400),
    "duration of weeks and days": ({"duration": "P4W1D"}, 400),
    "extensions number": ({"extensions": 12345}, 400),
    "extensions text": ({"extensions": "should fail"}, 400),
    "extensions array": ({"extensions": [{"x:y": 1}]}, 400),
    "Score": ({"Score": {"raw": 1}}, 400),
    "an unknown property": ({"grade": "A"}, 400),
}
SCORES: dict[str, tuple[Any, int]] = {
    "empty": ({}, 200),
    "raw alone": ({"raw": 0.6767676}, 200),
    "raw without limits": ({"raw": -1000000.25}, 200),
    "min alone": ({"min": 0.6767676}, 200),
    "max alone": ({"max": 100.6767676}, 200),
    "scaled": ({"scaled": 0.6767676}, 200),
    "scaled 1": ({"scaled": 1.0}, 200),
    "scaled -1": ({"scaled": -1}, 200),
    "scaled 0": ({"scaled": 0}, 200),
    "raw is min": ({"raw": 1, "min": 1, "max": 2}, 200),
    "raw is max": ({"raw": 2, "min": 1, "max": 2}, 200),
    "below zero": ({"raw": -3, "min": -5, "max": -1}, 200),
    "scaled beside raw": ({"raw": 100, "min": 0, "max": 100, "scaled": 0.5}, 200),
    "null": (None, 400),
    "number": (12345, 400),
    "text": ("should fail", 400),
    "array": ([1], 400),
    "scaled above": ({"scaled": 1.01}, 400),
    "scaled below": ({"scaled": -1.01}, 400),
    "scaled text": ({"scaled": "0.5"}, 400),
    "raw above max": ({"raw": 0.6767676, "max": 0.6567676}, 400),
    "raw below min": ({"raw": 0.6767676, "min": 1.4067676}, 400),
    "raw text": ({"raw": "5"}, 400),
    "raw boolean": ({"raw": True}, 400),
    "raw null": ({"raw": None}, 400),
    "min above max": ({"min": 0.6767676, "max": 0.6767355}, 400),
    "min is max": ({"min": 1, "max": 1}, 400),
    "min object": ({"min": {}}, 400),
    "max text": ({"max": "one hundred"}, 400),
    "raw above both": ({"raw": 11, "min": 0, "max": 10}, 400),
    "Raw": ({"Raw": 1}, 400),
    "an unknown property": ({"points": 1}, 400),
}
ALL = {
    **RESULTS,
    **{f"score: {what}": ({"score": row[0]}, row[1]) for what, row in SCORES.items()},
}


@pytest.mark.parametrize(("result", "status"), ALL.values(), ids=ALL.keys())
def test_a_result_is_judged(lrs: Lrs, result: Any, status: int) -> None:
    lrs.takes(a_statement() | {"result": result}, status)


@pytest.mark.parametrize(("result", "status"), ALL.values(), ids=ALL.keys())
def test_a_result_of_a_substatement_is_judged_alike(
    lrs: Lrs, result: Any, status: int
) -> None:
    lrs.takes(a_statement(object=a_substatement() | {"result": result}), status)
