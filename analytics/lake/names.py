"""The names of the history's tables, for who has no need of their columns.

Their schemas (``analytics.lake.history``) load a large library; a web process that only
takes Statements must not have it.
"""

from __future__ import annotations

HISTORY_NAMES = (
    *("employment_spells", "assignments", "leave_spells", "manager_edges"),
    *("org_units", "org_unit_closure", "person_identifiers"),
)
