"""Strategies of single values: texts, IRIs, language tags, times, numbers, free JSON.

xAPI-Data 2.2, 4.1 to 4.6. Each makes valid values only, in as many forms as there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from lrs.xapi.versions import Version


@dataclass(frozen=True)
class Digits:
    """A number as it is written."""

    text: str

    @property
    def value(self) -> Decimal:
        return Decimal(self.text)


def pooled(
    pool: list[Any], others: SearchStrategy[Any], known: int = 3
) -> SearchStrategy[Any]:
    """Take from the pool, ``known`` times in ``known + 1``."""
    return st.one_of(*[st.sampled_from(pool)] * known, others)


def optional(
    required: dict[str, Any], **others: SearchStrategy[Any]
) -> SearchStrategy[dict[str, Any]]:
    """Make objects with these properties and some of the others."""
    return st.fixed_dictionaries(required, optional=others)


# Every character there is, NUL and those beyond 16 bits too, but no half of a pair.
texts = st.text(st.characters(codec="utf-8"), max_size=12)

_SCRIPTS = "azAZ09-._~!$&'()*+,;=:@éßΩλжяابحहनम漢字かな한글ไทย𝒳😀𠮷"
_segments = st.text(st.sampled_from(_SCRIPTS), min_size=1, max_size=8)
_encoded = st.sampled_from(["%20", "%C3%A9", "%2F", "%2f"])
_paths = st.lists(st.one_of(_segments, _segments, _encoded), max_size=3).map("/".join)
_schemes = st.sampled_from(["http", "https", "HTTP"])
_hosts = st.sampled_from(
    [
        "example.com",
        "EXAMPLE.org:8080",
        "пример.example",
        "日本.example",
        "[2001:db8::1]",
    ]
)
iris = st.one_of(
    st.builds("{}://{}/{}".format, _schemes, _hosts, _paths),
    st.builds("https://example.com/{}?{}#{}".format, _paths, _segments, _segments),
    st.builds("urn:uuid:{}".format, st.uuids()),
    st.builds("tag:example.com,2026:{}".format, _segments),
    st.builds("x-app+1.0:{}".format, _segments),
)

_TAGS = [
    *("en", "de-CH", "zh-Hant-TW", "sr-Latn", "es-419", "ast", "EN-us", "de-1996"),
    *("sl-rozaj-biske", "zh-cmn-Hans-CN", "hy-Latn-IT-arevela", "x-whatever-else"),
    *("en-a-bbb-x-a-ccc", "de-DE-u-co-phonebk", "i-klingon", "en-GB-oed", "qaa"),
]
language_tags = st.sampled_from(_TAGS)
language_maps = st.dictionaries(language_tags, texts, max_size=3)

uuids = st.builds(
    lambda made, change: change(str(made)),
    st.uuids(),
    st.sampled_from([str.lower, str.lower, str.upper]),
)
sha1s = st.text(st.sampled_from("0123456789abcdefABCDEF"), min_size=40, max_size=40)


_FIGURES = "0123456789"


def timestamps(version: Version) -> SearchStrategy[str]:
    """Make timestamps of RFC 3339; for 1.0.3 also with the offsets of ISO 8601."""
    offsets = ["Z", "z", "+00:00", "+05:30", "-11:00", "+14:00", "-00:01", "+23:59"]
    if version is Version.V1_0_3:
        offsets += ["+0100", "-0930", "+01"]
    moments = st.datetimes()
    fractions = st.one_of(
        st.just(""),
        st.text(st.sampled_from(_FIGURES), min_size=1).map(".{}".format),
    )
    return st.one_of(
        st.builds(
            lambda moment, divider, fraction, offset: (
                f"{moment:%Y-%m-%d}".rjust(10, "0")
                + f"{divider}{moment:%H:%M:%S}{fraction}{offset}"
            ),
            moments,
            st.sampled_from("TTt"),
            fractions,
            st.sampled_from(offsets),
        ),
        st.sampled_from(["2016-12-31T23:59:60Z", "2017-01-01T00:59:60.5+01:00"]),
    )


_counts = st.integers(0, 10**6).map(str)
_seconds = st.one_of(
    _counts,
    st.builds(
        "{}{}{}".format,
        _counts,
        st.sampled_from(".,"),
        st.text(st.sampled_from(_FIGURES), min_size=1, max_size=9),
    ),
)


@st.composite
def durations(draw: st.DrawFn) -> str:
    """Make durations of ISO 8601: a fraction may stand on the last part only."""
    if draw(st.booleans()):
        return f"P{draw(_counts)}W"
    date = [f"{draw(_counts)}{unit}" for unit in "YMD" if draw(st.booleans())]
    time = [f"{draw(_counts)}{unit}" for unit in "HM" if draw(st.booleans())]
    if draw(st.booleans()) or not (date or time):
        time.append(f"{draw(_seconds)}S")
    return f"P{''.join(date)}{'T' if time else ''}{''.join(time)}"


_floats = st.floats(allow_nan=False, allow_infinity=False).map(repr)
_ODD_NUMBERS = [
    *("1.10", "-0", "0.0", "1E2", "1e+2", "1E400", "-1e999999", "1e-400"),
    *("7" * 300, f"0.{'3' * 300}", str(2**63), str(2**53 + 1)),
]
numbers = st.one_of(
    st.integers(-(10**25), 10**25).map(str),
    _floats,
    st.sampled_from(_ODD_NUMBERS),
).map(Digits)

free_json = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=5,
)
extensions = st.dictionaries(iris, free_json, max_size=3)
