"""What the database's errors mean to a caller: mend the request, or try again."""

from __future__ import annotations

import pytest
from pymongo.errors import (
    BulkWriteError,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
)

from lrs.errors import TooLarge, Unavailable
from lrs.store.mongo import as_problem


@pytest.mark.parametrize("code", [10334, 17419, 17420, 388])
def test_what_is_too_large_can_be_mended(code: int) -> None:
    assert isinstance(as_problem(OperationFailure("geheim", code)), TooLarge)
    one = {"writeErrors": [{"code": code, "errmsg": "geheim"}]}
    found = as_problem(BulkWriteError(one))
    assert isinstance(found, TooLarge)
    assert "geheim" not in found.message


@pytest.mark.parametrize(
    "error",
    [
        NetworkTimeout("geheim"),
        OperationFailure("geheim", 112),
        BulkWriteError({"writeErrors": [{"code": 112, "errmsg": "geheim"}]}),
        PyMongoError("geheim"),
    ],
)
def test_all_else_passes_and_may_be_tried_again(error: PyMongoError) -> None:
    found = as_problem(error)
    assert isinstance(found, Unavailable)
    assert found.headers["Retry-After"]
    assert "geheim" not in found.message
