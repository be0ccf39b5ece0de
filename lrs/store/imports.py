"""How far the import of each file has come; implements lrs.transfer.ImportLog."""

from __future__ import annotations

import datetime

from pymongo.database import Database

from lrs.store.mongo import Document


class MongoImports:
    """One document a tenant and file (by SHA-256) in ``imports``."""

    def __init__(self, database: Database[Document]) -> None:
        self._imports = database["imports"]

    def done(self, tenant: str, sha256: str) -> int:
        """Return how many records of this file are settled."""
        found = self._imports.find_one({"_id": {"t": tenant, "sha256": sha256}})
        return int(found["records"]) if found else 0

    def settle(self, tenant: str, sha256: str, file: str, records: int) -> None:
        """Note that so many records of this file are settled."""
        self._imports.update_one(
            {"_id": {"t": tenant, "sha256": sha256}},
            {
                "$set": {
                    "file": file,
                    "records": records,
                    "changed": datetime.datetime.now(datetime.UTC),
                }
            },
            upsert=True,
        )
