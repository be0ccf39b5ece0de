"""In force: what the rules said of homePages, plus-tags and domains, from when to when.

In: the rules' documents with their recorded times. Out: tables for identity.sql. What
a new version says as the one before keeps its time, so that a change concerns only
what it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Generic, TypeVar

import orjson
import pyarrow as pa

from analytics.identity.rules import AccountRule, DomainRule, Rules

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
DOMAINS = pa.schema(
    {"domain": pa.string(), "worker_types": pa.list_(pa.string()), **_TIMES}
)

Rule = TypeVar("Rule")


def rules_tables(versions: Iterable[tuple[int, str]]) -> dict[str, pa.Table]:
    """Return ``mappings``, ``domains``, ``strips`` of rules; times in microseconds."""
    mappings, domains = _Told[AccountRule](_mapping), _Told[DomainRule](_domain)
    strips: list[dict[str, object]] = []
    open_strip: dict[str, object] | None = None
    for recorded, text in versions:
        rules = Rules.of(orjson.loads(text))
        mappings.take(rules.accounts, recorded)
        domains.take(rules.domains, recorded)
        if rules.strip_plus_tags and open_strip is None:
            open_strip = {"known_from": recorded}
            strips.append(open_strip)
        elif not rules.strip_plus_tags and open_strip is not None:
            open_strip["known_until"] = recorded
            open_strip = None
    return {
        "mappings": pa.Table.from_pylist(mappings.rows, schema=MAPPINGS),
        "domains": pa.Table.from_pylist(domains.rows, schema=DOMAINS),
        "strips": pa.Table.from_pylist(strips, schema=STRIPS),
    }


class _Told(Generic[Rule]):
    """Rules of one kind as rows, each while the file said it."""

    def __init__(self, row: Callable[[Rule], dict[str, object]]) -> None:
        self.rows: list[dict[str, object]] = []
        self._row = row
        self._open: dict[Rule, dict[str, object]] = {}

    def take(self, rules: Collection[Rule], recorded: int) -> None:
        """Take what a version says."""
        for rule in [rule for rule in self._open if rule not in rules]:
            self._open.pop(rule)["known_until"] = recorded
        for rule in rules:
            if rule not in self._open:
                self._open[rule] = self._row(rule) | {"known_from": recorded}
                self.rows.append(self._open[rule])


def _domain(rule: DomainRule) -> dict[str, object]:
    return {"domain": rule.name, "worker_types": list(rule.worker_types)}


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
