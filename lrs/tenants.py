"""Tenants and their settings; where a tenant has none of its own, the defaults hold.

A tenant comes into being by its first credential and needs no row here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Cmi5Mode(StrEnum):
    """What becomes of a Statement that breaks a rule of cmi5.

    Off: no rule is looked at. Warn: it is stored, with the violations beside it.
    Enforce: it is refused (cmi5 6.3).
    """

    OFF = "off"
    WARN = "warn"
    ENFORCE = "enforce"


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant's own settings; None where the default holds."""

    name: str
    cmi5_mode: Cmi5Mode | None = None


class TenantStore(Protocol):
    """What the tenants' settings are kept in."""

    def find(self, name: str) -> Tenant:
        """Return the tenant, without settings where it has no row."""
        ...

    def put(self, tenant: Tenant) -> None:
        """Keep a tenant's settings; every process sees them within some seconds."""
        ...

    def list(self) -> Sequence[Tenant]:
        """Return the tenants that have settings or a credential, by name."""
        ...


class Tenants:
    """The settings that are in force, for each tenant."""

    def __init__(self, store: TenantStore, *, cmi5_mode: Cmi5Mode) -> None:
        self._store = store
        self._cmi5_mode = cmi5_mode

    def cmi5_mode(self, name: str) -> Cmi5Mode:
        """Return the tenant's mode, or the default of LRS_CMI5_MODE."""
        return self.in_force(self._store.find(name))

    def in_force(self, tenant: Tenant) -> Cmi5Mode:
        """Return the mode that these settings of a tenant come to."""
        return tenant.cmi5_mode or self._cmi5_mode

    def put(self, tenant: Tenant) -> None:
        """Keep a tenant's settings."""
        self._store.put(tenant)

    def list(self) -> Sequence[Tenant]:
        """Return the tenants that have settings or a credential, by name."""
        return self._store.list()
