"""Whose access has ended: an identity provider has deactivated or deleted the person.

In: an e-mail address. Out: True where users of the tenant have the address, or had it
where nobody has it now, and none of them is active. Asked at every page, so that it
acts at once; of an address that nobody ever provisioned it says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pymongo.database import Database

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Closed:
    """Answers whose access has ended; stateless."""

    database: Database[Document]

    def is_closed(self, tenant: str, address: str) -> bool:
        """Tell whether the access of an address has ended."""
        if "\0" in address:
            return False
        users, wanted = self.database["scim_users"], address.strip().lower()
        for name in ("addresses", "former"):
            found = users.find(
                {"_id.t": tenant, name: wanted}, {"live": 1, "active": 1}
            )
            if states := [row["live"] and row["active"] for row in found]:
                return not any(states)
        return False
