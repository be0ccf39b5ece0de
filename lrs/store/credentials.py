"""xAPI credentials (key and secret by HTTP Basic) and managers' accounts.

Secrets and passwords are kept as salted scrypt hashes and never shown again. One scrypt
takes longer than many requests: a verified pair is remembered under an HMAC with a key
of this process, and only its row is read again after some seconds. A revocation is
therefore seen within those seconds.
"""

from __future__ import annotations

import datetime
import hashlib
import secrets
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass

from pymongo.database import Database
from pymongo.errors import DuplicateKeyError
from werkzeug.security import check_password_hash, generate_password_hash

from lrs.access import Principal, Scope
from lrs.errors import BadRequest, Conflict, NotFound
from lrs.store import rates
from lrs.store.mongo import Document
from lrs.store.nobody import nobodys_hash

REMEMBER_SECONDS = 10
_MOST_REMEMBERED = 2048


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential as it is listed; never with its secret."""

    key: str
    tenant: str
    scopes: tuple[str, ...]
    unit: str | None
    created: datetime.datetime
    revoked: bool
    rate_limit: str | None
    max_request_bytes: int | None


@dataclass(frozen=True, slots=True)
class _Verified:
    """A pair that was right, by which row, and until when that row is believed."""

    principal: Principal
    secret_hash: str
    until: float


class MongoCredentials:
    """xAPI credentials; the key is unique over all tenants and names the tenant."""

    def __init__(
        self,
        database: Database[Document],
        public_url: str,
        *,
        remember_seconds: float = REMEMBER_SECONDS,
    ) -> None:
        self._credentials = database["credentials"]
        self._home_page = f"{public_url}/xapi"
        self._remember_seconds = remember_seconds
        # In the order of when their rows were read, which who comes again does anew.
        self._remembered: dict[bytes, _Verified] = {}
        self._lock = threading.Lock()
        self._hashing = threading.Lock()
        self._process_key = secrets.token_bytes(32)

    def add(
        self,
        tenant: str,
        scopes: Iterable[Scope],
        *,
        key: str | None = None,
        secret: str | None = None,
        unit: str | None = None,
        rate_limit: str | None = None,
        max_request_bytes: int | None = None,
    ) -> tuple[str, str]:
        """Create a credential; return (key, secret). Raises BadRequest, Conflict.

        ``rate_limit`` and ``max_request_bytes`` are limits of its own.
        """
        if rate_limit is not None:
            rates.parse(rate_limit)
        if key is not None and (":" in key or not key.isprintable()):
            raise BadRequest("A key has no colon: HTTP Basic ends the key with one.")
        key = key or secrets.token_hex(16)
        secret = secret or secrets.token_urlsafe(32)
        try:
            self._credentials.insert_one(
                {
                    "_id": key,
                    "tenant": tenant,
                    "secret_hash": generate_password_hash(secret),
                    "scopes": sorted(item.value for item in scopes),
                    "unit": unit,
                    "rate_limit": rate_limit,
                    "max_request_bytes": max_request_bytes,
                    "created": datetime.datetime.now(datetime.UTC),
                    "revoked": False,
                }
            )
        except DuplicateKeyError:
            raise Conflict("A credential with this key exists already.") from None
        return key, secret

    def verify(self, key: str, secret: str) -> Principal | None:
        """Return who this is, or None when the pair is not valid."""
        # A keyed hash, so that no secret is kept; of all that there are the one that
        # lets no other thread run meanwhile, which is what costs a busy server time.
        mark = hashlib.blake2b(
            f"{len(key)}:{key}{secret}".encode(), key=self._process_key
        ).digest()
        now = time.monotonic()
        known = self._remembered.get(mark)
        if known and now < known.until:
            return known.principal
        found = self._credentials.find_one({"_id": key, "revoked": False})
        expected = found["secret_hash"] if found else nobodys_hash()
        if not self._is_known(mark, expected):
            # One at a time, since each takes 32 MiB; and of the many connections that
            # a client begins with, only the first has to be compared.
            with self._hashing:
                if not self._is_known(mark, expected):
                    if not check_password_hash(expected, secret) or found is None:
                        return None
                    return self._remember(mark, found, now)
        return self._remember(mark, found, now) if found else None

    def _is_known(self, mark: bytes, expected: str) -> bool:
        """Tell whether this pair was right, by this hash."""
        known = self._remembered.get(mark)
        return known is not None and known.secret_hash == expected

    def _remember(self, mark: bytes, found: Document, now: float) -> Principal:
        """Return the owner of this row, to be believed for some seconds from now."""
        principal = Principal(
            tenant=found["tenant"],
            key=found["_id"],
            scopes=frozenset(Scope(item) for item in found["scopes"]),
            authority=self.authority(found["_id"]),
            unit=found["unit"],
            rate_limit=found.get("rate_limit"),
            max_request_bytes=found.get("max_request_bytes"),
        )
        until = now + self._remember_seconds
        with self._lock:
            self._remembered.pop(mark, None)
            while len(self._remembered) >= _MOST_REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
            self._remembered[mark] = _Verified(principal, found["secret_hash"], until)
        return principal

    def authority(self, key: str) -> dict[str, object]:
        """Return the Agent that stands as authority for this credential."""
        return {
            "objectType": "Agent",
            "account": {"homePage": self._home_page, "name": key},
        }

    def list(self, tenant: str) -> list[Credential]:
        """Return the tenant's credentials, oldest first."""
        return [
            Credential(
                row["_id"],
                row["tenant"],
                tuple(row["scopes"]),
                row["unit"],
                row["created"],
                row["revoked"],
                row.get("rate_limit"),
                row.get("max_request_bytes"),
            )
            for row in self._credentials.find({"tenant": tenant}).sort("created")
        ]

    def revoke(self, tenant: str, key: str) -> None:
        """End a credential; raises NotFound."""
        found = self._credentials.update_one(
            {"_id": key, "tenant": tenant}, {"$set": {"revoked": True}}
        )
        if not found.matched_count:
            raise NotFound("This tenant has no credential with this key.")
        with self._lock:
            known = list(self._remembered.items())
            for mark in [mark for mark, who in known if who.principal.key == key]:
                self._remembered.pop(mark, None)
