"""Dynamics 365 (``type = "dynamics"``): one table by the Web API, or figures of one.

Everybody: the table with ``Prefer: odata.track-changes``, page by page along
``@odata.nextLink``; it counts nothing then, so a second walk must meet the same ids.
What has changed: the ``@odata.deltaLink`` of before. Of a row deleted it has the id
alone, and an old link is refused: then everybody is taken. With tracked changes no
other table can be joined there, so what the mapping reads below ``account`` is read
row by row from ``accounts``, whose id stands in ``account_key``. A record holds from
when it was last changed (``row_from``; see ``first_seen``).

``[source]``: ``object`` (contacts), ``id`` (contactid), ``account_key``
(_parentcustomerid_value), ``created`` (createdon), ``changed`` (modifiedon),
``page_size`` (500), ``[source.figures]`` with ``query`` (such as ``$filter`` and
``$expand``, of figures only). Log in: ``client_credentials``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, ClassVar

from analytics.workforce.connectors.answers import Gone
from analytics.workforce.connectors.connector import (
    Fetch,
    Finding,
    Record,
    Setup,
    Stale,
    readable,
)
from analytics.workforce.connectors.figures import Figures, figures_of
from analytics.workforce.connectors.first_seen import FROM, rows_from
from analytics.workforce.connectors.shelf import Item
from analytics.workforce.connectors.wholeness import Walk, take_whole
from lrs.errors import SetupError

LOGIN = "client_credentials"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}\Z")
_ACCOUNT, _ACCOUNTS = "account", "accounts"
_DELTA, _NEXT = "@odata.deltaLink", "@odata.nextLink"
_MOST_PAGES = 100_000


def connector_of(setup: Setup) -> Dynamics:
    """Return the connector that a ``[source]`` describes; raises BadRequest."""
    setup.only(
        *("object", "id", "account_key", "created", "changed", "page_size"),
        *("query", "figures"),
    )
    read, figures = setup.read, figures_of(setup)
    usual = {
        "object": "contacts",
        "id": "contactid",
        "account_key": "_parentcustomerid_value",
        "created": "createdon",
        "changed": "modifiedon",
    }
    names = {key: read.text(key, name) for key, name in usual.items()}
    for key, name in names.items():
        if not _NAME.match(name):
            raise read.wrong(key, "is no name of Dynamics")
    if read.has("query") and figures is None:
        raise read.wrong("query", "is for figures only: changes are told without")
    fields = figures.fields if figures else setup.fields
    own = sorted(
        {name for name in fields if "." not in name and name not in (FROM, _ACCOUNT)}
    )
    for name in own:
        if not _NAME.match(name):
            raise read.wrong(
                "object", f"has no column that could be called {name[:60]!r}"
            )
    return Dynamics(
        system=setup.name,
        table=names["object"],
        id=names["id"],
        account_key=names["account_key"],
        created=names["created"],
        changed=names["changed"],
        own=tuple(own),
        of_account=tuple(setup.names_below(_ACCOUNT)),
        page_size=read.number("page_size", 500, 1, 5_000),
        query=read.pairs("query"),
        figures=figures,
    )


@dataclass(frozen=True, slots=True)
class Dynamics:
    """One table of one environment."""

    system: str
    table: str
    id: str
    account_key: str
    created: str
    changed: str
    own: tuple[str, ...]
    of_account: tuple[str, ...]
    page_size: int
    query: Mapping[str, str]
    figures: Figures | None

    people_are_whole: ClassVar[bool] = False

    @property
    def has_delta(self) -> bool:
        """Tell whether changes can be asked for: figures are summed anew."""
        return self.figures is None

    def full(self, fetch: Fetch) -> Iterator[Record]:
        """Yield everybody, or all figures."""
        take_whole(fetch, self.table, partial(self._whole, fetch))
        records = (record for _, record in fetch.shelf.all(self.table))
        if self.figures:
            yield from self.figures.of(records)
            return
        if self.of_account:
            take_whole(fetch, _ACCOUNTS, partial(self._accounts, fetch))
        for record in records:
            yield from self._rows(fetch, record)

    def delta(self, fetch: Fetch, cursor: str) -> Iterator[Record]:
        """Yield who was changed; raises Stale where somebody was deleted."""
        fetch.cursor = cursor
        try:
            pages = self._pages(fetch, cursor, None)
            for found in pages:
                self._refuse_deleted(found)
                fetch.shelf.put(self.table, self._items(found))
        except Gone:
            raise Stale("the system tells no changes since then any more.") from None
        for _, record in fetch.shelf.all(self.table):
            if self.of_account:
                self._take_account(fetch, record.get(self.account_key))
            yield from self._rows(fetch, record)

    def sample(self, fetch: Fetch, number: int) -> Iterator[Record]:
        """Yield the first records, or what these come to."""
        found = fetch.session.json(
            self.table, params={**self._asked(), "$top": str(number)}
        )
        records = (record for _, _, record in self._items(found))
        if self.figures:
            yield from self.figures.of(records)
            return
        for record in islice(records, number):
            if self.of_account:
                self._take_account(fetch, record.get(self.account_key))
            yield from islice(self._rows(fetch, record), 1)

    def check(self, fetch: Fetch) -> Iterator[Finding]:
        """Ask for one row with the columns that are mapped, and that of an account."""
        first = {**self._asked(), "$top": "1"}
        yield readable(
            f"The columns {', '.join(self._columns())} of {self.table}",
            partial(fetch.session.json, self.table, params=first),
        )
        if self.of_account:
            asked = {"$select": ",".join(self.of_account), "$top": "1"}
            yield readable(
                f"The columns {', '.join(self.of_account)} of {_ACCOUNTS}",
                partial(fetch.session.json, _ACCOUNTS, params=asked),
            )

    # -- the table --------------------------------------------------------------------

    def _columns(self) -> list[str]:
        columns = {self.id, *self.own}
        if not self.figures:
            columns |= {self.created, self.changed}
        if self.of_account:
            columns.add(self.account_key)
        return sorted(columns)

    def _asked(self) -> dict[str, str]:
        return {**self.query, "$select": ",".join(self._columns())}

    def _whole(self, fetch: Fetch, walk: Walk) -> Iterator[Iterable[Item]]:
        asked = self._asked()
        if self.figures:
            asked["$count"] = "true"
        for found in self._pages(fetch, self.table, asked):
            if self.figures:
                walk.told(found.get("@odata.count"))
            yield self._items(found)

    def _accounts(self, fetch: Fetch, walk: Walk) -> Iterator[Iterable[Item]]:
        asked = {"$select": ",".join({"accountid", *self.of_account}), "$count": "true"}
        for found in self._pages(fetch, _ACCOUNTS, asked):
            walk.told(found.get("@odata.count"))
            yield [self._item(row, "accountid") for row in _values(found)]

    def _pages(
        self, fetch: Fetch, path: str, params: Mapping[str, str] | None
    ) -> Iterator[dict[str, Any]]:
        """Yield answers along their links; notes the delta link at the end."""
        tracked = self.figures is None and path != _ACCOUNTS
        prefer = f"odata.maxpagesize={self.page_size}"
        headers = {
            "Prefer": f"{prefer},odata.track-changes" if tracked else prefer,
            "OData-Version": "4.0",
        }
        start, met = path.partition("?")[0], set[str]()
        for _ in range(_MOST_PAGES):
            found = fetch.session.json(path, params=params, headers=headers)
            if not isinstance(found, dict) or not isinstance(found.get("value"), list):
                raise self._unlike(start)
            yield found
            if isinstance(link := found.get(_DELTA), str):
                fetch.cursor = fetch.session.page_address(link, self.table)
            following = found.get(_NEXT)
            if not isinstance(following, str) or not following:
                return
            path, params = fetch.session.page_address(following, self.table), None
            if path in met:
                raise self._unlike(start)
            met.add(path)
        raise self._unlike(start)

    def _items(self, found: Any) -> list[Item]:
        if not isinstance(found, dict):
            raise self._unlike(self.table)
        return [self._item(row, self.id) for row in _values(found)]

    def _item(self, row: Any, name: str) -> Item:
        one = row.get(name) if isinstance(row, dict) else None
        if not isinstance(one, str) or not one:
            raise self._unlike(self.table)
        return one, "", row

    def _refuse_deleted(self, found: dict[str, Any]) -> None:
        gone = [row for row in _values(found) if isinstance(row, dict)]
        gone = [row for row in gone if row.get("reason") == "deleted"]
        if gone:
            raise Stale(f"rows of {self.table} were deleted there.")

    def _take_account(self, fetch: Fetch, account: Any) -> None:
        if not isinstance(account, str) or fetch.shelf.has(_ACCOUNTS, account):
            return
        try:
            found = fetch.session.json(
                f"{_ACCOUNTS}({account})",
                params={"$select": ",".join(self.of_account)},
                told=f"{_ACCOUNTS}(ID)",
            )
        except Gone:
            found = {}  # deleted meanwhile, or no account but a person
        fetch.shelf.put(_ACCOUNTS, [(account, "", found)])

    def _rows(self, fetch: Fetch, record: Record) -> Iterator[Record]:
        if self.of_account and isinstance(key := record.get(self.account_key), str):
            found = fetch.shelf.of(_ACCOUNTS, key)
            record[_ACCOUNT] = found[0] if found else None
        made, changed = record.get(self.created), record.get(self.changed)
        yield from rows_from(record, made, changed, fetch.known_until)

    def _unlike(self, path: str) -> SetupError:
        return SetupError(
            f"{self.system} answers in a form that Dynamics does not have ({path}): "
            "see to address and object in [source]."
        )


def _values(found: dict[str, Any]) -> list[Any]:
    rows = found.get("value")
    return rows if isinstance(rows, list) else []
