"""Accounts of the people who sign in to the manager's pages.

An e-mail address names one account, in one tenant; ``unit`` is the unit at the top of
what the account may see.
"""

from __future__ import annotations

import datetime
import re
import secrets

from pymongo.database import Database
from werkzeug.security import check_password_hash, generate_password_hash

from lrs.access import Account
from lrs.errors import BadRequest, Conflict
from lrs.store.mongo import Document
from lrs.store.nobody import nobodys_hash

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SHORTEST = 8  # characters of a password
_SESSIONS = 20  # of one account at a time


class MongoAccounts:
    """Accounts in MongoDB, passwords as salted scrypt hashes."""

    def __init__(self, database: Database[Document]) -> None:
        self._accounts = database["accounts"]

    def put(
        self, tenant: str, email: str, name: str, unit: str, password: str | None = None
    ) -> str:
        """Create or change an account; return the password, which is not kept.

        Raises BadRequest for what is no address or no password worth the name, and
        Conflict where another tenant has the address.
        """
        email = email.strip().lower()
        if not _ADDRESS.fullmatch(email):
            raise BadRequest(
                "An account needs an e-mail address, such as ann@acme.org."
            )
        if password is not None and len(password) < _SHORTEST:
            raise BadRequest(f"A password has at least {_SHORTEST} characters.")
        if self._accounts.find_one({"_id": email, "tenant": {"$ne": tenant}}):
            raise Conflict("Another tenant has an account of this address.")
        password = password or secrets.token_urlsafe(12)
        self._accounts.update_one(
            {"_id": email},
            {
                "$set": {
                    "tenant": tenant,
                    "name": name,
                    "unit": unit,
                    "password_hash": generate_password_hash(password),
                    "changed": datetime.datetime.now(datetime.UTC),
                    "sessions": [],  # a new password ends what the old one began
                },
            },
            upsert=True,
        )
        return password

    def verify(self, email: str, password: str) -> Account | None:
        """Return the account, or None when address or password is wrong."""
        found = self._accounts.find_one({"_id": email.strip().lower()})
        hashed = found["password_hash"] if found else nobodys_hash()
        if not (check_password_hash(hashed, password) and found):
            return None
        return _account(found)

    def find(self, tenant: str, email: str) -> Account | None:
        """Return the account as it stands now, or None when its access has ended."""
        found = self._accounts.find_one({"_id": email, "tenant": tenant})
        return _account(found) if found else None

    def begin_session(self, account: Account) -> str:
        """Return the mark of a new session; the oldest of many gives way."""
        mark = secrets.token_urlsafe(16)
        newest = {"$each": [mark], "$slice": -_SESSIONS}
        self._accounts.update_one(
            {"_id": account.email}, {"$push": {"sessions": newest}}
        )
        return mark

    def end_session(self, account: Account, mark: str) -> None:
        """Let a session hold no more, also where its cookie was copied."""
        self._accounts.update_one({"_id": account.email}, {"$pull": {"sessions": mark}})


def _account(row: Document) -> Account:
    sessions = frozenset(row["sessions"])
    return Account(row["tenant"], row["_id"], row["name"], row["unit"], sessions)
