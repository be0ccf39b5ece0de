"""Tests of lrs.xapi.values."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.xapi import values
from lrs.xapi.values import TimestampError, duration_key, timestamp_us


def accepts(is_valid, text):
    return bool(
        is_valid[text] if isinstance(is_valid, values.Known) else is_valid(text)
    )


VALID = [
    (values.IRIS, ["http://a.example/b?c#d", "urn:x:y", "tag:a@b,2011:c", "a:b"]),
    (values.IRIS, ["http://example.com/فعل", "http://x/%C3%A9", "http://[::1]/"]),
    (values.LANGUAGE_TAGS, ["en", "en-US", "zh-cmn-Hans-CN", "de-CH-1901", "tlh"]),
    (values.LANGUAGE_TAGS, ["sl-rozaj-biske", "es-419", "x-own", "i-klingon", "EN-gb"]),
    (values.LANGUAGE_TAGS, ["en-u-ca-gregory", "de-x-own", "en-GB-oed"]),
    (values.is_uuid, ["12345678-1234-5678-1234-567812345678"]),
    (values.is_uuid, ["AA97B177-9383-4934-8543-0F91A7A02836"]),
    (values.is_mailto, ["mailto:a@b", "mailto:o'brien+x@b.example", "mailto:é@ö.fr"]),
    (values.is_sha1, ["cd9b00a5611f94eaa7b1661edab976068e364975"]),
    (values.is_sha2, ["0" * 56, "a" * 64, "F" * 96, "0" * 128]),
    (values.is_media_type, ["text/plain", "application/ld+json; charset=utf-8"]),
    (values.is_duration, ["P1Y", "P3Y1M29DT4H35M59.14S", "PT0,5S", "P4W", "PT1.5H"]),
    (values.is_rfc3339, ["2024-02-29T23:59:59Z", "2024-01-01t00:00:00.1z"]),
    (values.is_timestamp, ["2024-01-01T00:00:00+0100", "2024-01-01T00:00:00-05"]),
]
INVALID = [
    (values.IRIS, ["", "abc", "//x/y", "http:", "ab=c://x", "http://a b", "h:%4"]),
    (values.IRIS, ["http://x/{id}", "http://x/\n", "1a:b", "http://\ud800"]),
    (values.LANGUAGE_TAGS, ["", "a", "en_US", "a12345678", "something", "en-", "e1"]),
    (values.is_uuid, ["", "AA97B177-9383-4934-8543-0F91A7A028368", f"{'0' * 32}"]),
    (values.is_uuid, ["MA97B177-9383-4934-8543-0F91A7A02836", "{" + "0" * 34 + "}"]),
    (values.is_mailto, ["", "a@b.example", "mailto:a", "mailto:a@b@c", "http://a@b"]),
    (values.is_mailto, ["mailto:a@b?subject=c", "mailto:a@b,c@d", "mailto:a@b..c"]),
    (values.is_sha1, ["", "0" * 39, "g" * 40, "0" * 40 + "\n"]),
    (values.is_sha2, ["", "0" * 40, "g" * 64]),
    (values.is_media_type, ["", "text", "text/", "/plain", "text plain/x"]),
    (values.is_duration, ["", "P", "PT", "P1DT", "P4W1D", "PA1H", "PT1.5H1M", "pt1s"]),
    (values.is_duration, ["P0003-01-01T00:00:00", "PT1S\n", "-PT1S", "P1.5Y1M"]),
    (values.is_rfc3339, ["2024-01-01T00:00:00+0100", "2024-01-01T00:00:00-05", ""]),
    (values.is_timestamp, ["2024-01-01T00:00:00-00:00", "2024-01-01T00:00:00-0000"]),
    (values.is_timestamp, ["2024-01-01T00:00:00-00", "2024-01-01T00:00:00", "x", ""]),
    (
        values.is_timestamp,
        ["2024-01-01", "2024-01-01 00:00:00Z", "2023-02-29T00:00:00Z"],
    ),
    (values.is_timestamp, ["2024-01-01T24:00:00Z", "2024-01-01T00:00:00+24:00"]),
    (values.is_timestamp, ["0000-01-01T00:00:00Z", "2024-01-01T00:00Z", "01/011/2015"]),
    (values.is_timestamp, ["2024-12-31T23:58:60Z", "٢٠٢٤-01-01T00:00:00Z"]),
]


@pytest.mark.parametrize(("is_valid", "texts"), VALID)
def test_well_formed_values_are_accepted(is_valid, texts):
    assert [text for text in texts if not accepts(is_valid, text)] == []


@pytest.mark.parametrize(("is_valid", "texts"), INVALID)
def test_malformed_values_are_rejected(is_valid, texts):
    assert [text for text in texts if accepts(is_valid, text)] == []


def test_long_hostile_values_are_judged_in_linear_time():
    assert not values.IRIS["http://x/" + "a" * 200_000 + "<"]
    assert not values.is_mailto("mailto:" + "a." * 100_000)
    assert not values.LANGUAGE_TAGS["en" + "-abcde" * 30_000 + "-"]
    assert not values.is_duration("P" + "1" * 100_000)


def test_verdicts_are_kept_for_a_bounded_number_of_short_strings():
    known = values.Known("[0-9]+")
    assert known["1" * 1000]
    assert len(known) == 0
    for number in range(9000):
        assert known[str(number)]
    assert len(known) <= 8192


@pytest.mark.parametrize(
    ("value", "is_number", "is_count"),
    [
        (0, True, True),
        (-1, True, False),
        (2.0, True, True),
        (2.5, True, False),
        (Decimal("3"), True, True),
        (Decimal("1e999999"), True, True),
        (True, False, False),
        ("1", False, False),
        (None, False, False),
        (float("nan"), False, False),
        (float("inf"), False, False),
        (Decimal("NaN"), False, False),
    ],
)
def test_a_number_is_finite_and_never_a_bool(value, is_number, is_count):
    assert values.is_number(value) is is_number
    assert values.is_count(value) is is_count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.000001Z", 1),
        ("1970-01-01T00:00:00.0000019Z", 1),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T01:00:00+0100", 0),
        ("1969-12-31t19:00:00-05", 0),
        ("1970-01-01T00:00:00z", 0),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
        ("2017-01-01T00:59:60.5+01:00", 1_483_228_800_500_000),
        ("0001-01-01T00:00:00+23:59", -62_135_683_140_000_000),
        ("9999-12-31T23:59:60Z", 253_402_300_800_000_000),
    ],
)
def test_a_timestamp_becomes_microseconds_since_the_epoch(text, expected):
    assert timestamp_us(text) == expected


@given(
    st.datetimes(timezones=st.just(UTC)),
    st.integers(-14 * 60, 14 * 60).filter(lambda minutes: minutes != 0),
)
def test_one_instant_has_one_number_in_every_offset(moment, minutes):
    utc = timestamp_us(moment.isoformat().replace("+00:00", "Z"))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert epoch + timedelta(microseconds=utc) == moment
    try:
        local = moment.astimezone(timezone(timedelta(minutes=minutes)))
    except OverflowError:
        return
    assert timestamp_us(local.isoformat()) == utc


@given(st.text() | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]*[Z+-][0-9:]*"))
def test_no_text_makes_timestamp_us_raise_anything_else(text):
    with contextlib.suppress(TimestampError):
        assert isinstance(timestamp_us(text), int)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("P1DT12H36M0.1237S", "P1DT12H36M0.12S", True),
        ("PT1.129S", "PT1.13S", False),
        ("PT1.001S", "PT1S", True),
        ("PT0,5S", "PT0.50S", True),
        ("PT60S", "PT1M", False),
        ("PT0.129M", "PT0.12M", False),
    ],
)
def test_durations_are_compared_as_strings_cut_to_hundredths(one, other, same):
    assert (duration_key(one) == duration_key(other)) is same
