"""Absurd timestamps, durations and language tags, wherever they can stand.

xAPI-Data 4.2, 4.5, 4.6; RFC 3339, 5646; ISO 8601. What breaks the format is refused
with its path; what keeps it, however odd, comes back character for character.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.conftest import Client
from tests.contract.answers import problem
from tests.contract.odd_values import at, kept, refuse

# -- timestamps -----------------------------------------------------------------------

MOMENTS_OF_STATEMENTS = ("timestamp", "stored", "object.timestamp")
NO_MOMENT: dict[str, Any] = {
    "empty": "",
    "a word": "now",
    "null": None,
    "seconds": 1577836800,
    "a list": ["2020-01-01T00:00:00Z"],
    "a date": "2020-01-01",
    "a time": "12:00:00Z",
    "without offset": "2020-01-01T00:00:00",
    "without seconds": "2020-01-01T00:00Z",
    "a blank for the T": "2020-01-01 00:00:00Z",
    "an offset of minus zero": "2020-01-01T00:00:00-00:00",
    "an offset of a day": "2020-01-01T00:00:00+24:00",
    "an offset in letters": "2020-01-01T00:00:00CET",
    "30 February": "2020-02-30T00:00:00Z",
    "29 February of 1900": "1900-02-29T00:00:00Z",
    "month 13": "2020-13-01T00:00:00Z",
    "day 0": "2020-01-00T00:00:00Z",
    "hour 24": "2020-01-01T24:00:00Z",
    "minute 60": "2020-01-01T00:60:00Z",
    "second 61": "2020-01-01T00:00:61Z",
    "a leap second at noon": "2016-12-31T12:00:60Z",
    "year 0": "0000-01-01T00:00:00Z",
    "a year of five digits": "12020-01-01T00:00:00Z",
    "a year before Christ": "-0044-03-15T00:00:00Z",
    "a week": "2020-W01-1T00:00:00Z",
    "a day of the year": "2020-001T00:00:00Z",
    "basic form": "20200101T000000Z",
    "a comma in the seconds": "2020-01-01T00:00:00,5Z",
    "a point without digits": "2020-01-01T00:00:00.Z",
    "digits of another script": "\u0662\u0660\u0662\u0660-01-01T00:00:00Z",
    "space around": " 2020-01-01T00:00:00Z ",
    "a line break behind": "2020-01-01T00:00:00Z\n",
    "NUL behind": "2020-01-01T00:00:00Z\x00",
    "a hundred thousand digits and no offset": "2020-01-01T00:00:00." + "1" * 100_000,
}


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
@pytest.mark.parametrize("path", MOMENTS_OF_STATEMENTS)
def test_what_is_no_timestamp_is_refused(
    shared: Client, path: str, version: str
) -> None:
    for moment in NO_MOMENT.values():
        refuse(shared, at(path, moment), path, version)


LISTS = (
    "/xapi/statements?",
    "/xapi/activities/state?activityId=http://a.example/a"
    "&agent=%7B%22mbox%22:%22mailto:a@b.example%22%7D&",
    "/xapi/activities/profile?activityId=http://a.example/a&",
    "/xapi/agents/profile?agent=%7B%22mbox%22:%22mailto:a@b.example%22%7D&",
)


@pytest.mark.parametrize("address", LISTS)
def test_no_list_takes_a_since_that_is_no_timestamp(
    shared: Client, address: str
) -> None:
    for moment in NO_MOMENT.values():
        if isinstance(moment, str) and len(moment) < 9000:
            answer: Any = shared.get(f"{address}since={quote(moment)}")
            assert "since" in problem(answer, 400)["detail"], moment


ODD_MOMENTS = (
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59Z"),
    *("9999-12-31T23:59:59.999999999-23:59", "1969-12-31T23:59:59.999999Z"),
    *("1582-10-10T12:00:00Z", "2016-12-31T23:59:60Z", "2017-01-01T00:59:60+01:00"),
    *("2020-02-29t00:00:00z", "2020-01-01T00:00:00." + "1" * 300 + "Z"),
    *("2000-02-29T00:00:00+00:00", "2038-01-19T03:14:08Z", "2020-01-01T00:00:00+14:00"),
)


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
def test_odd_timestamps_are_kept_and_asked_for(shared: Client, version: str) -> None:
    made = [at("timestamp", moment) for moment in ODD_MOMENTS]
    made += [at("object.timestamp", moment) for moment in ODD_MOMENTS]
    kept(shared, *made, version=version)
    for address in LISTS:
        for moment in ODD_MOMENTS:
            answer: Any = shared.get(f"{address}since={quote(moment, safe='')}")
            assert answer.status_code == 200, moment


# -- durations ------------------------------------------------------------------------

NO_DURATION: tuple[Any, ...] = (
    *("", "P", "PT", "P1", "1Y", "PT1", "T1H", "P1H", "PT1D", "P1S", "P1YT", "PT1M1H"),
    *(
        "P1D1Y",
        "P1W1D",
        "P1Y1W",
        "-PT1S",
        "+PT1S",
        "PT-1S",
        "PT1.S",
        "PT.5S",
        "PT1.5H1M",
    ),
    *(
        "pt1s",
        "PT1s",
        " PT1S",
        "PT1S ",
        "PT1S\n",
        "PT1S\x00",
        "PT\u0661S",
        "PT1e3S",
        "NaN",
    ),
    *(
        "P0001-01-01T00:00:00",
        "2020-01-01/P1D",
        "00:01:00",
        "PT1S" * 9,
        "P" + "1" * 9999,
    ),
    *(60, 1.5, None, True, ["PT1S"], {"seconds": 1}),
)


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
@pytest.mark.parametrize("path", ["result.duration", "object.result.duration"])
def test_what_is_no_duration_is_refused(
    shared: Client, path: str, version: str
) -> None:
    for duration in NO_DURATION:
        refuse(shared, at(path, duration), path, version)


def test_odd_durations_are_kept(shared: Client) -> None:
    durations = (
        *("PT0S", "P0D", "P0Y", "P0W", "PT0.000000000000001S", "P1Y2M3DT4H5M6.789S"),
        *(
            "P52W",
            "P1.5W",
            "PT36H",
            "P999999999Y",
            f"PT{'9' * 400}S",
            "P0.5Y",
            "PT1,5S",
        ),
        *(f"PT1.{'1' * 400}S", "P00001D", "PT1440M", "P1M", "PT1M"),
    )
    made = [at("result.duration", duration) for duration in durations]
    kept(shared, *made, *(at("object.result.duration", it) for it in durations))


# -- language tags --------------------------------------------------------------------

MAPS = (
    *("verb.display", "activity.definition.name", "activity.definition.description"),
    *("activity.definition.choices.0.description", "attachments.0.display"),
    *("attachments.0.description", "object.verb.display"),
)
NO_LANGUAGE = (
    *(
        "",
        " ",
        "e",
        "englishes",
        "en_US",
        "en-",
        "-en",
        "en--US",
        "en-US-",
        "en US",
        "*",
    ),
    *(
        "12",
        "en-1",
        "en-abcdefghi",
        "x",
        "x-",
        "i-",
        "i-unknown",
        "en-x",
        "en-a",
        "a-DE",
    ),
    *("en-a-b", "de-419-DE", "ar-a-aaa-b", "\u00e9n", "\uff45\uff4e", "en\n", "en\x00"),
    *(
        "zh-Hant-Hant",
        "en;q=1",
        "en,de",
        "$en",
        "en" + "-abcde" * 5000 + "-!",
        "e" * 9999,
    ),
)


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
@pytest.mark.parametrize("path", MAPS)
def test_what_is_no_language_tag_is_refused_as_a_key(
    shared: Client, path: str, version: str
) -> None:
    for tag in NO_LANGUAGE:
        refuse(shared, at(path, tag, as_key=True), path, version)


@pytest.mark.parametrize("path", ["context.language", "object.context.language"])
def test_what_is_no_language_tag_is_refused_as_a_language(
    shared: Client, path: str
) -> None:
    for tag in (*NO_LANGUAGE, None, 1, ["en"], {"en": "x"}):
        refuse(shared, at(path, tag), path, "1.0.3")


def test_odd_language_tags_are_kept(shared: Client) -> None:
    tags = (
        *(
            "en",
            "EN",
            "eng",
            "zh-Hant-TW",
            "sr-Latn-RS",
            "es-419",
            "sl-rozaj-biske-1994",
        ),
        *(
            "de-CH-1901",
            "en-a-bbb-x-a-ccc",
            "x-whatever",
            "i-klingon",
            "sgn-BE-FR",
            "qaa",
        ),
        *("zh-cmn-Hans-CN", "de-Qaaa", "en-GB-oed", "hy-Latn-IT-arevela", "art-lojban"),
        *(
            "en-x-" + "-".join(["abcdefgh"] * 500),
            "abcd",
            "abcdefgh",
            "en-u-ca-gregory",
        ),
    )
    kept(shared, *(at(path, tag, as_key=True) for path in MAPS for tag in tags))
    kept(shared, *(at("context.language", tag) for tag in tags))
