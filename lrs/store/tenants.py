"""The tenants' settings: a row of the collection ``tenants`` for each that has some.

Document: ``_id`` the tenant's name, ``cmi5_mode`` where it is set, ``changed``. Rows
are remembered for some seconds, so that a Statement costs no read of them.
"""

from __future__ import annotations

import builtins
import datetime
import threading

from cachetools import TTLCache
from pymongo.database import Database

from lrs.store.mongo import Document
from lrs.tenants import Cmi5Mode, Tenant

REMEMBER_SECONDS = 5


class MongoTenants:
    """Implements lrs.tenants.TenantStore."""

    def __init__(
        self,
        database: Database[Document],
        *,
        remember_seconds: float = REMEMBER_SECONDS,
    ) -> None:
        self._tenants = database["tenants"]
        self._credentials = database["credentials"]
        self._remembered: TTLCache[str, Tenant] = TTLCache(2048, remember_seconds)
        self._lock = threading.Lock()

    def find(self, name: str) -> Tenant:
        """Return the tenant as it stood some seconds ago, or later."""
        with self._lock:
            known = self._remembered.get(name)
        if known:
            return known
        found = self._tenants.find_one({"_id": name})
        tenant = _tenant(found) if found else Tenant(name)
        with self._lock:
            self._remembered[name] = tenant
        return tenant

    def put(self, tenant: Tenant) -> None:
        """Keep a tenant's settings."""
        row: Document = {"changed": datetime.datetime.now(datetime.UTC)}
        if tenant.cmi5_mode:
            row["cmi5_mode"] = tenant.cmi5_mode.value
        self._tenants.replace_one({"_id": tenant.name}, row, upsert=True)
        with self._lock:
            self._remembered.pop(tenant.name, None)

    def list(self) -> builtins.list[Tenant]:
        """Return the tenants that have settings or a credential, by name."""
        rows = {row["_id"]: _tenant(row) for row in self._tenants.find()}
        names = {*rows, *self._credentials.distinct("tenant")}
        return [rows.get(name, Tenant(name)) for name in sorted(names)]


def _tenant(row: Document) -> Tenant:
    mode = row.get("cmi5_mode")
    return Tenant(row["_id"], Cmi5Mode(mode) if mode else None)
