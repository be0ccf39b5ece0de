"""xAPI-Data 4: extensions, language maps, IRIs, timestamps and durations.

XAPI-00118, XAPI-00119, XAPI-00120 (extensions), XAPI-00121 (language maps), XAPI-00122,
XAPI-00123 (timestamps), XAPI-00124 (durations); IEEE 9274.1.1 4.2.7 (IRIs, durations
finer than 0.01 s, timestamps at an offset).
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.conformance.caller import Lrs, told
from tests.conformance.full_statement import a_statement, a_substatement, something

EXT = "http://ext.example.org/x"
EXTENSIONS: dict[str, tuple[Any, int]] = {
    "empty": ({}, 200),
    "boolean": ({EXT: True}, 200),
    "number": ({EXT: 12345}, 200),
    "text": ({EXT: "valid"}, 200),
    "object": ({EXT: {"key": "valid", "": None}}, 200),
    "array": ({EXT: [1, "a", [None], {}]}, 200),
    "null": ({EXT: None}, 200),
    "empty text": ({EXT: ""}, 200),
    "empty object": ({EXT: {}}, 200),
    "two": ({EXT: 1, "urn:x:y": 2}, 200),
    "key with dots and dollars": ({"http://a.b.c/$x.y": {"$where": {".": 1}}}, 200),
    "key of another script": ({"http://пример.example/ключ": 1}, 200),
    "key that is no IRI": ({"should fail": True}, 400),
    "key without scheme": ({"ext.example.org/x": True}, 400),
    "empty key": ({"": True}, 400),
    "a good and a bad key": ({EXT: 1, "bad": 2}, 400),
    "text for all": ("should fail", 400),
    "number for all": (1, 400),
    "array for all": ([], 400),
    "null for all": (None, 400),
}


def _placed(extensions: Any) -> dict[str, dict[str, Any]]:
    parts = {
        "definition": {
            "object": {"id": "x:y", "definition": {"extensions": extensions}}
        },
        "result": {"result": {"extensions": extensions}},
        "context": {"context": {"extensions": extensions}},
        "context activity": {
            "context": {
                "contextActivities": {
                    "other": [{"id": "x:y", "definition": {"extensions": extensions}}]
                }
            }
        },
    }
    inside = {
        f"SubStatement {name}": {"object": a_substatement(**part)}
        for name, part in parts.items()
    }
    return parts | inside


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(
    ("extensions", "status"), EXTENSIONS.values(), ids=EXTENSIONS.keys()
)
def test_extensions_have_iris_as_keys_and_any_values(
    lrs: Lrs, extensions: Any, status: int, method: str
) -> None:
    """XAPI-00118, XAPI-00119, XAPI-00120; the values come back as they were."""
    for place, part in _placed(extensions).items():
        statement = a_statement(**part)
        given = {"statementId": statement["id"]} if method == "PUT" else {}
        answer = lrs.ask(method, "statements", statement, **given)
        taken = 204 if method == "PUT" else 200
        expected = taken if status == 200 else status
        assert answer.status_code == expected, f"{place}: {told(answer)}"
        if status == 200:
            read = lrs.read(statement["id"])
            assert {name: read[name] for name in part} == part, place


# RFC 5646: well-formed or not.
TAGS = dict.fromkeys(
    (
        *("en", "EN", "de-AT", "cmn", "zh-Hant-TW", "sl-nedis", "de-1996", "es-419"),
        *("en-a-bbb-x-a-ccc", "x-whatever", "i-klingon", "az-Arab-x-AZE-derbend"),
    ),
    200,
) | dict.fromkeys(
    (
        *("a12345678", "something", "a", "en_GB", "en--GB", "-en", "en-", "", "en GB"),
        *("419-de", "de-419-DE", "a-DE", "ar-a-", "日本"),
    ),
    400,
)


@pytest.mark.parametrize(("tag", "status"), TAGS.items())
def test_the_keys_of_a_language_map_are_language_tags(
    lrs: Lrs, tag: str, status: int
) -> None:
    """XAPI-00121."""
    lrs.takes(a_statement(verb={"id": "x:y", "display": {tag: "x"}}), status)
    lrs.takes(a_statement(context={"language": tag}), status)


@pytest.mark.parametrize("value", [1, None, True, {}, []], ids=repr)
def test_the_values_of_a_language_map_are_texts(lrs: Lrs, value: Any) -> None:
    lrs.takes(a_statement(verb={"id": "x:y", "display": {"en": value}}), 400)


# Valid by ISO 8601, as 1.0.3 has it; by RFC 3339, as 2.0 has it.
TIMESTAMPS: dict[str, tuple[int, int]] = {
    "2008-09-15T15:53:00.601+00:00": (200, 200),
    "2008-09-15T15:53:00Z": (200, 200),
    "2008-09-15T15:53:00.1Z": (200, 200),
    "2016-12-31T23:59:60Z": (200, 200),
    "2008-09-15T15:53:00+0000": (200, 400),
    "2008-09-15T15:53:00+01": (200, 400),
    "2008-09-15T15:53:00.601-00": (400, 400),
    "2008-09-15T15:53:00.601-0000": (400, 400),
    "2008-09-15T15:53:00.601-00:00": (400, 400),
    "2008-09-15T15:53:00": (400, 400),
    "2008-09-15": (400, 400),
    "2008-W38-1T15:53:00Z": (400, 400),
    "15:53:00Z": (400, 400),
    "01/011/2015": (400, 400),
    "should fail": (400, 400),
}


@pytest.mark.parametrize(
    ("moment", "old", "new"),
    [(text, *expected) for text, expected in TIMESTAMPS.items()],
)
def test_a_timestamp_has_its_format(lrs: Lrs, moment: str, old: int, new: int) -> None:
    """XAPI-00123."""
    status = old if lrs.version == "1.0.3" else new
    lrs.takes(a_statement(timestamp=moment), status)
    lrs.takes(a_statement(object=a_substatement(timestamp=moment)), status)


def test_timestamps_keep_milliseconds_at_least(lrs: Lrs) -> None:
    """XAPI-00122."""
    [found] = lrs.store(a_statement(timestamp="2018-06-11T16:02:02.617Z"))
    read = lrs.read(found)
    assert datetime.fromisoformat(read["timestamp"]) == datetime(
        2018, 6, 11, 16, 2, 2, 617_000, UTC
    )
    assert len(read["stored"].partition(".")[2].rstrip("Z")) >= 3


DURATIONS: dict[str, int] = dict.fromkeys(
    (
        *("PT1H0M0.1S", "PT4H35M59.14S", "PT16559.14S", "P3Y1M29DT4H35M59.14S", "P3Y"),
        *("P4W", "PT0S", "P0D", "P1DT12H36M0.12567S", "PT36H", "P400D", "PT0.5H"),
    ),
    200,
) | dict.fromkeys(
    (
        *("should fail", "", "P", "PT", "PA1H0M0S", "P4W1D", "4W", "1H", "P1H", "PT1D"),
        *("pt1h", "P1Y2W", "PT1S1M", "P-1D", "P1DT", " PT1S", "PT1S ", "PT1.S"),
    ),
    400,
)


@pytest.mark.parametrize(("duration", "status"), DURATIONS.items())
def test_a_duration_has_its_format(lrs: Lrs, duration: str, status: int) -> None:
    """XAPI-00124."""
    lrs.takes(a_statement(result={"duration": duration}), status)
    inner = a_substatement(result={"duration": duration})
    lrs.takes(a_statement(object=inner), status)


def test_a_duration_is_kept_or_truncated_but_never_rounded(lrs: Lrs) -> None:
    [found] = lrs.store(a_statement(result={"duration": "P1DT12H36M0.12567S"}))
    assert lrs.read(found)["result"]["duration"] in (
        "P1DT12H36M0.12567S",
        "P1DT12H36M0.12S",
    )


def test_beyond_a_hundredth_of_a_second_durations_are_equal(lrs: Lrs) -> None:
    statement = a_statement(result={"duration": "PT0.12S"})
    lrs.store(statement)
    lrs.takes(statement | {"result": {"duration": "PT0.1299S"}}, 200)
    lrs.takes(statement | {"result": {"duration": "PT0.13S"}}, 409)


def test_iris_are_compared_letter_by_letter(lrs: Lrs) -> None:
    """RFC 3987 5.3.1: nothing is done to a path; ``a/../b`` is not ``b``."""
    name = uuid.uuid4().hex
    iris = [
        f"http://example.org/a/../{name}",
        f"http://example.org/{name}",
        f"http://example.org/{name.upper()}",
        f"http://example.org:80/{name}",
        f"http://example.org/{name}#",
    ]
    stored = {iri: lrs.store(a_statement(object={"id": iri})) for iri in iris}
    for iri, ids in stored.items():
        assert lrs.find_ids(activity=iri) == ids


def test_an_iri_that_no_statement_has_finds_nothing(lrs: Lrs) -> None:
    assert lrs.find_ids(activity=something()) == []
