"""In force: what the rules said of each homePage and of plus-tags, from when to when.

In: the rules' documents with their recorded times. Out: tables for identity.sql. What
a new version says as the one before keeps its time, so that a change concerns only
what it is about.
"""

from __future__ import annotations

from collections.abc import Iterable

import orjson
import pyarrow as pa

from analytics.identity.rules import AccountRule, Rules

_MOMENT = pa.timestamp("us", tz="UTC")
_TIMES: dict[str, pa.DataType] = {"known_from": _MOMENT, "known_until": _MOMENT}
STRIPS = pa.schema(list(_TIMES.items()))
MAPPINGS = pa.schema(
    {
        "home_page": pa.string(),
        "scheme": pa.string(),
        "same_as": pa.string(),
        "fold": pa.bool_(),
        "prefix": pa.string(),
        "suffix": pa.string(),
        **_TIMES,
    }
)


def rules_tables(versions: Iterable[tuple[int, str]]) -> dict[str, pa.Table]:
    """Return ``mappings`` and ``strips`` of rules recorded at these microseconds."""
    mappings: list[dict[str, object]] = []
    strips: list[dict[str, object]] = []
    open_mappings: dict[AccountRule, dict[str, object]] = {}
    open_strip: dict[str, object] | None = None
    for recorded, text in versions:
        rules = Rules.of(orjson.loads(text))
        for rule in [rule for rule in open_mappings if rule not in rules.accounts]:
            open_mappings.pop(rule)["known_until"] = recorded
        for rule in rules.accounts:
            if rule not in open_mappings:
                open_mappings[rule] = _mapping(rule) | {"known_from": recorded}
                mappings.append(open_mappings[rule])
        if rules.strip_plus_tags and open_strip is None:
            open_strip = {"known_from": recorded}
            strips.append(open_strip)
        elif not rules.strip_plus_tags and open_strip is not None:
            open_strip["known_until"] = recorded
            open_strip = None
    return {
        "mappings": pa.Table.from_pylist(mappings, schema=MAPPINGS),
        "strips": pa.Table.from_pylist(strips, schema=STRIPS),
    }


def _mapping(rule: AccountRule) -> dict[str, object]:
    def cased(text: str) -> str:
        return text.lower() if rule.lower else text

    return {
        "home_page": rule.home_page,
        "scheme": rule.scheme,
        "same_as": rule.same_as,
        "fold": rule.lower,
        "prefix": cased(rule.prefix),
        "suffix": cased(rule.suffix),
    }
