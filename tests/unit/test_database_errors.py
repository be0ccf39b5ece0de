"""What the database's errors mean to a caller: mend the request, or try again."""

from __future__ import annotations

import pytest
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from config import settings
from lrs.errors import SetupError, TooLarge, Unavailable
from lrs.store.mongo import _check_number, as_problem, as_setup_problem


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


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (NetworkTimeout("x"), "The database did not answer in time; "),
        (ExecutionTimeout("x", 50), "The database did not answer in time; "),
        (ServerSelectionTimeoutError("x"), "The database cannot be reached; "),
        (AutoReconnect("x"), "The connection to the database broke off; "),
        (OperationFailure("x", 14031), "The database has no room left on its disk; "),
    ],
)
def test_what_is_wrong_is_said_and_what_to_do(
    error: PyMongoError, sentence: str
) -> None:
    found = as_problem(error)
    assert found.message.startswith(sentence)
    assert "nothing of this request was acknowledged" in found.message
    assert "with the same ids" in found.message


@pytest.mark.parametrize(
    "error",
    [OperationFailure("x", 18), OperationFailure("x", 13), ConfigurationError("x")],
)
def test_what_somebody_must_mend_ends_the_start(error: PyMongoError) -> None:
    assert isinstance(as_setup_problem(error), SetupError)
    assert isinstance(as_setup_problem(AutoReconnect("x")), Unavailable)


# -- how many members acknowledge ---------------------------------------------------

THREE = {"hosts": ["a", "b", "c"]}
FIVE = {"hosts": ["a", "b", "c"], "passives": ["d"], "arbiters": ["e"]}


@pytest.mark.parametrize(
    ("number", "hello"), [(2, THREE), (3, THREE), (3, FIVE), (4, FIVE)]
)
def test_a_number_of_members_that_is_a_majority_is_taken(
    number: int, hello: dict[str, object]
) -> None:
    _check_number(number, hello)


@pytest.mark.parametrize(
    ("number", "hello"), [(2, {"hosts": ["a"]}), (4, THREE), (2, FIVE), (5, FIVE)]
)
def test_fewer_than_a_majority_or_more_than_there_are_is_refused(
    number: int, hello: dict[str, object]
) -> None:
    with pytest.raises(SetupError, match="it must be majority, or from"):
        _check_number(number, hello)


def test_a_sharded_cluster_takes_no_number() -> None:
    with pytest.raises(SetupError, match="only be majority with a sharded"):
        _check_number(2, {"msg": "isdbgrid"})


@pytest.mark.parametrize("value", ["1", "0", "-2", "all", "2.0", "w2"])
def test_less_than_two_members_are_no_setting(value: str) -> None:
    with pytest.raises(SetupError, match="LRS_WRITE_CONCERN"):
        settings.load({"LRS_WRITE_CONCERN": value})


def test_a_pool_has_a_connection_for_each_thread_and_some_more() -> None:
    assert settings.load({"LRS_THREADS": "20"}).database_pool == 48
    with pytest.raises(SetupError, match=r"LRS_DATABASE_POOL .* at least 22"):
        settings.load({"LRS_THREADS": "20", "LRS_DATABASE_POOL": "21"})
