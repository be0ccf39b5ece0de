"""Strategies of Agents and Groups, by every kind of identifier (xAPI-Data 2.4.2)."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.strategies.values import iris, optional, pooled, sha1s, texts

Json = dict[str, Any]

_SHA1 = "cd9b00a5611f94eaa7b1661edab976068e364975"
IFIS: list[Json] = [
    {"mbox": "mailto:ann@example.com"},
    {"mbox": "mailto:Ann@example.com"},
    {"mbox": "mailto:ann@EXAMPLE.com"},
    {"mbox_sha1sum": _SHA1},
    {"mbox_sha1sum": _SHA1.upper()},
    {"openid": "https://id.example.com/bob"},
    {"account": {"homePage": "https://hr.example.com", "name": "7 7"}},
    {"account": {"homePage": "https://hr.example.com", "name": "7"}},
]
_mails = st.builds(
    "mailto:{}@{}".format,
    st.text(st.sampled_from("abzAZ09.!$&'*+/=_-éжλ漢"), min_size=1, max_size=12),
    st.sampled_from(["example.com", "EXAMPLE.COM", "müller.example", "[192.0.2.1]"]),
)
ifis = pooled(
    IFIS,
    st.one_of(
        st.fixed_dictionaries({"mbox": _mails}),
        st.fixed_dictionaries({"mbox_sha1sum": sha1s}),
        st.fixed_dictionaries({"openid": iris}),
        st.fixed_dictionaries(
            {"account": st.fixed_dictionaries({"homePage": iris, "name": texts})}
        ),
    ),
)


def _joined(first: SearchStrategy[Json], rest: SearchStrategy[Json]) -> Any:
    return st.builds(lambda one, other: {**one, **other}, first, rest)


agents = _joined(ifis, optional({}, objectType=st.just("Agent"), name=texts))
# As an object, it is an Activity unless it says so.
agent_objects = _joined(ifis, optional({"objectType": st.just("Agent")}, name=texts))
identified_groups = _joined(
    ifis,
    optional(
        {"objectType": st.just("Group")},
        name=texts,
        member=st.lists(agents, max_size=3),
    ),
)
anonymous_groups = optional(
    {
        "objectType": st.just("Group"),
        "member": st.lists(agents, min_size=1, max_size=3),
    },
    name=texts,
)
groups = st.one_of(identified_groups, anonymous_groups)
actors = st.one_of(agents, agents, groups)
authorities = st.one_of(
    agents,
    st.fixed_dictionaries(
        {
            "objectType": st.just("Group"),
            "member": st.lists(agents, min_size=2, max_size=2),
        }
    ),
)
