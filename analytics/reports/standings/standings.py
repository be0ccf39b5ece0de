"""The standings of a day as known at a time: kept where they are, made where not.

What is kept is never the truth: it is named by all its inputs, checked before it is
read, made anew where it is damaged, and left out where it cannot be kept at all.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from analytics.lake.published import Published
from analytics.reports.session import (
    Asked,
    exemptions_table,
    requirements_table,
)
from analytics.reports.standings import demand
from analytics.reports.standings.folder import Entry, Folder, Forgotten
from analytics.reports.standings.inputs import Given, Inputs, inputs_of, states_of
from analytics.reports.standings.making import Making
from analytics.requirements import Requirement

_TRIES = 5
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standings:
    """Kept standings of all tenants in ``folder``."""

    folder: Folder

    @contextmanager
    def hold(self, tenant: str, given: Given, asked: Asked) -> Iterator[Entry | None]:
        """Yield the set for a day as known at a time; nobody removes it meanwhile.

        None where it cannot be kept: the disk is full, or not ours to write on.
        """
        inputs = inputs_of(given, asked)
        key = inputs.key()
        with ExitStack() as held:
            try:
                entry = self._held(held, tenant, key, given, inputs, asked)
            except (OSError, duckdb.IOException) as error:
                _log.warning("standings cannot be kept: %s", type(error).__name__)
                entry = None
            yield entry

    def epoch(self, tenant: str) -> bytes:
        """Return what ``given`` takes: read before the tables are opened."""
        return self.folder.epoch(tenant)

    @staticmethod
    def given(
        epoch: bytes,
        tables: Published,
        requirements: Sequence[Requirement],
        exemptions: Sequence[Mapping[str, Any]],
    ) -> Given:
        """Return the inputs as they stand in these tables."""
        return Given(
            epoch,
            states_of(tables),
            requirements_table(requirements),
            exemptions_table(exemptions),
        )

    def note(self, tenant: str, kind: str) -> None:
        """Note that somebody asked for standings of the present (demand.py)."""
        demand.note(self.folder.root / tenant, kind)

    def forget(self, tenant: str) -> None:
        """Remove all that is kept of a tenant."""
        self.folder.forget(tenant)

    def _held(
        self,
        held: ExitStack,
        tenant: str,
        key: str,
        given: Given,
        inputs: Inputs,
        asked: Asked,
    ) -> Entry | None:
        plain = Asked(
            as_of=asked.as_of,
            known_at=asked.known_at,
            former_manager_days=asked.former_manager_days,
        )
        for _ in range(_TRIES):
            reading = held.enter_context(ExitStack())
            reading.enter_context(self.folder.locked(tenant, key, alone=False))
            entry = self.folder.read(tenant, key)
            if entry is not None:
                return entry
            reading.close()
            self._make(tenant, given, inputs, plain)
        return None

    def _make(self, tenant: str, given: Given, inputs: Inputs, asked: Asked) -> None:
        folder, key = self.folder, inputs.key()
        with folder.locked(tenant, key, alone=True), ExitStack() as held:
            if folder.read(tenant, key) is not None:
                return  # another has made it meanwhile
            former = self._former(held, tenant, inputs)
            making = Making(given, inputs, asked, former, self._alike(tenant, inputs))
            try:
                folder.put(tenant, inputs, given.epoch, making.write)
            except Forgotten:
                return
        for entry in folder.entries(tenant):
            if not inputs.is_of_the_same_tables(entry.inputs):
                folder.remove(tenant, entry.path.name)
        folder.trim()

    def _former(self, held: ExitStack, tenant: str, inputs: Inputs) -> Entry | None:
        """Return the newest set that can be followed, held; None without any."""
        found = [
            entry
            for entry in self.folder.entries(tenant)
            if inputs.can_follow(entry.inputs)
        ]
        found.sort(key=lambda entry: _reach(entry.inputs), reverse=True)
        for entry in found:
            if self.folder.held(held, tenant, entry.path.name):
                whole = self.folder.read(tenant, entry.path.name)
                if whole is not None:
                    return whole
        return None

    def _alike(self, tenant: str, inputs: Inputs) -> Entry | None:
        """Return the set whose share of unknown Statements may be that of these."""
        found = [
            entry
            for entry in self.folder.entries(tenant)
            if inputs.is_of_the_same_tables(entry.inputs)
        ]
        through = _of_statements(inputs)
        return min(
            found,
            key=lambda entry: abs(_of_statements(entry.inputs) - through),
            default=None,
        )


def _of_statements(inputs: Inputs) -> int:
    return inputs.bounds["facts"].through


def _reach(inputs: Inputs) -> int:
    return sum(bound.through for bound in inputs.bounds.values())


def folder_of(data_dir: Path, most: int) -> Folder:
    """Return where standings are kept under the data folder."""
    return Folder(data_dir / "standings", most)
