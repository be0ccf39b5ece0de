"""The resource Users: what is asked of it, as JSON, and what it answers (RFC 7644 3).

In: a tenant, a body as JSON or the parameters of a query. Out: users as JSON with id
and meta, and their version. Raises Refusal for whatever its sender must mend.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from pydantic import ValidationError
from scim2_models import (
    Context,
    Error,
    PatchOp,
    ResponseParameters,
    SCIMException,
    SearchRequest,
)

from analytics.workforce.scim.dialects import as_specified
from analytics.workforce.scim.filters import EVERYBODY, found_by
from analytics.workforce.scim.identity import ENTERPRISE
from analytics.workforce.scim.refusals import Refusal, no_user
from analytics.workforce.scim.schema import CORE, POLICY, User
from analytics.workforce.scim.users import Kept, Users

MOST_RESULTS = 200  # of one page
MOST_LOOKED_AT = 10_000  # users, for a filter that no index answers
_LARGEST = 64 << 10  # bytes of a user, as JSON
_LONGEST_NAME = 512  # characters of userName and externalId
_MOST_VALUES = 100  # of an attribute
_LONGEST_FILTER = 2048  # characters
_OURS = ("id", "meta", "password", "groups")
_ORDERS = {
    "id": "_id.id",
    "username": "name",
    "externalid": "external",
    "meta.created": "created",
    "meta.lastmodified": "modified",
}
Check = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """A user as it is shown, and its entity tag and address."""

    user: dict[str, Any]
    version: str
    location: str


@dataclass(frozen=True, slots=True)
class Scim:
    """The users of all tenants; ``address`` is where clients reach them."""

    users: Users
    address: str

    def create(self, tenant: str, body: Any) -> Answer:
        """Keep a new user; who says nothing else is active."""
        with _refusing():
            given = User.model_validate(
                body, scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=POLICY
            )
            user = _settled(given, active=True)
        return self._shown(self.users.create(tenant, user))

    def get(self, tenant: str, user: str, asked: Mapping[str, str]) -> Answer:
        """Return a user, of it the attributes that are asked for."""
        found = self.users.find(tenant, user)
        if found is None:
            raise no_user()
        return self._shown(found, _wanted(asked))

    def replace(self, tenant: str, user: str, body: Any, check: Check) -> Answer:
        """Replace a user; what is not given goes, but for whether it is active."""

        def make(before: Kept) -> dict[str, Any]:
            check(version(before))
            given = User.model_validate(
                body, scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=POLICY
            )
            return _settled(given, active=before.user["active"])

        with _refusing():
            return self._shown(self.users.change(tenant, user, make))

    def patch(self, tenant: str, user: str, body: Any, check: Check) -> Answer:
        """Apply the operations of a PATCH, all of them or none."""
        with _refusing():
            operations = PatchOp[User].model_validate(
                as_specified(body),
                scim_ctx=Context.RESOURCE_PATCH_REQUEST,
                scim_policy=POLICY,
            )

        def make(before: Kept) -> dict[str, Any]:
            check(version(before))
            present = User.model_validate(self._whole(before), scim_policy=POLICY)
            operations.patch(present, scim_policy=POLICY)
            return _settled(present, active=before.user["active"])

        with _refusing():
            return self._shown(self.users.change(tenant, user, make))

    def delete(self, tenant: str, user: str, check: Check) -> None:
        """End a user."""
        self.users.delete(tenant, user, lambda before: check(version(before)))

    def search(self, tenant: str, asked: Mapping[str, str]) -> dict[str, Any]:
        """Return a ListResponse of those whom a filter means, by the page."""
        start = max(_number(asked, "startIndex", 1), 1)
        count = min(max(_number(asked, "count", MOST_RESULTS), 0), MOST_RESULTS)
        request = _request(asked)
        order = _order(request)
        wanted = _wanted(asked)
        meant = request.filter
        found = EVERYBODY if meant is None else found_by(meant.ast, tenant)
        if found.exact or meant is None:
            total = self.users.count(tenant, found.query)
            page = list(
                self.users.page(tenant, found.query, order, start - 1, count)
                if count
                else ()
            )
        else:
            if self.users.count(tenant, found.query) > MOST_LOOKED_AT:
                raise Refusal(
                    400,
                    f"This filter would look at over {MOST_LOOKED_AT:,} users: ask for "
                    "userName, externalId or an e-mail address with eq beside it.",
                    "tooMany",
                )
            some = self.users.page(tenant, found.query, order, 0, MOST_LOOKED_AT)
            with _refusing():
                all_ = [one for one in some if meant.match(self._model(one))]
            total, page = len(all_), all_[start - 1 :][:count]
        return listed([self._shown(one, wanted).user for one in page], total, start)

    def _model(self, kept: Kept) -> User:
        return User.model_validate(self._whole(kept), scim_policy=POLICY)

    def _whole(self, kept: Kept) -> dict[str, Any]:
        meta = {
            "resourceType": "User",
            "created": _moment(kept.created),
            "lastModified": _moment(kept.modified),
            "location": f"{self.address}/Users/{kept.id}",
            "version": version(kept),
        }
        return {**kept.user, "id": kept.id, "meta": meta}

    def _shown(
        self, kept: Kept, wanted: ResponseParameters[User] | None = None
    ) -> Answer:
        user = self._whole(kept)
        location = user["meta"]["location"]
        if wanted is not None:
            user = User.model_validate(user, scim_policy=POLICY).model_dump(
                scim_ctx=Context.RESOURCE_QUERY_RESPONSE,
                response_parameters=wanted,
                scim_policy=POLICY,
            )
        return Answer(user, version(kept), location)


def version(kept: Kept) -> str:
    """Return a user's version as an entity tag (RFC 7644 3.14)."""
    return f'W/"{kept.version}"'


def listed(
    resources: list[dict[str, Any]], total: int, start: int = 1
) -> dict[str, Any]:
    """Return a ListResponse (RFC 7644 3.4.2)."""
    return {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(resources),
        "Resources": resources,
    }


@contextmanager
def _refusing() -> Iterator[None]:
    """Raise what the library refuses as a Refusal."""
    try:
        yield
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)[0]
        first = Error.from_validation_error(told)
        raise Refusal(
            first.status or 400, first.detail or "", first.scim_type
        ) from None
    except SCIMException as error:
        raise Refusal(error.status, error.detail, error.scim_type or None) from None


def _settled(user: User, *, active: bool) -> dict[str, Any]:
    """Return what is kept of a user: no empty values, nothing that is ours to say."""
    with POLICY:
        whole = user.model_dump(scim_ctx=Context.DEFAULT)
    made = {name: _full(one) for name, one in whole.items() if name not in _OURS}
    if not ((made.get(ENTERPRISE) or {}).get("manager") or {}).get("value", True):
        made[ENTERPRISE].pop("manager")
    made.setdefault("active", active)
    kept = {name: one for name, one in made.items() if one not in (None, {}, [])}
    kept["schemas"] = [CORE, *(name for name in kept if name.startswith("urn:"))]
    _check(kept)
    return kept


def _full(value: Any) -> Any:
    """Return a value without the empty ones in it; None where nothing is left."""
    if isinstance(value, dict):
        made = {name: _full(one) for name, one in value.items()}
        return {name: one for name, one in made.items() if one is not None} or None
    if isinstance(value, list):
        return [one for item in value if (one := _full(item)) is not None]
    return None if isinstance(value, str) and not value.strip() else value


def _check(user: dict[str, Any]) -> None:
    if not user.get("userName"):
        raise Refusal(400, "userName is required.", "invalidValue")
    for name in ("userName", "externalId"):
        if len(user.get(name, "")) > _LONGEST_NAME:
            detail = f"{name} has at most {_LONGEST_NAME} characters."
            raise Refusal(400, detail, "invalidValue")
    for name, value in user.items():
        if isinstance(value, list) and len(value) > _MOST_VALUES:
            detail = f"{name} has at most {_MOST_VALUES} values."
            raise Refusal(400, detail, "invalidValue")
    if len(orjson.dumps(user)) > _LARGEST:
        raise Refusal(400, f"A user has at most {_LARGEST} bytes.", "invalidValue")


def _number(asked: Mapping[str, str], name: str, default: int) -> int:
    written = asked.get(name)
    if written is None:
        return default
    sign = written.removeprefix("-")
    if not (sign.isascii() and sign.isdigit() and len(sign) < 10):
        raise Refusal(400, f"{name} is a whole number.", "invalidValue")
    return int(written)


def _request(asked: Mapping[str, str]) -> SearchRequest[User]:
    given: dict[str, Any] = {}
    if asked.get("filter"):
        given["filter"] = asked["filter"]
        if len(asked["filter"]) > _LONGEST_FILTER:
            detail = f"A filter has at most {_LONGEST_FILTER} characters."
            raise Refusal(400, detail, "invalidFilter")
    if asked.get("sortBy"):
        given["sort_by"] = asked["sortBy"]
    if asked.get("sortOrder"):
        given["sort_order"] = asked["sortOrder"].lower()
    with _refusing():
        return SearchRequest[User].model_validate(given, scim_policy=POLICY)


def _order(request: SearchRequest[User]) -> tuple[str, int]:
    if request.sort_by is None:
        return "born", 1
    field = _ORDERS.get(str(request.sort_by).rpartition(":")[2].lower())
    if field is None:
        known = "id, userName, externalId, meta.created and meta.lastModified"
        raise Refusal(400, f"Users are sorted by {known}.", "invalidValue")
    return field, -1 if request.sort_order == "descending" else 1


def _wanted(asked: Mapping[str, str]) -> ResponseParameters[User] | None:
    names = {"attributes": "attributes", "excludedAttributes": "excluded_attributes"}
    given = {ours: asked[name] for name, ours in names.items() if asked.get(name)}
    if not given:
        return None
    if any(len(written) > _LONGEST_FILTER for written in given.values()):
        detail = f"A list of attributes has at most {_LONGEST_FILTER} characters."
        raise Refusal(400, detail, "invalidValue")
    with _refusing():
        return ResponseParameters[User].model_validate(given, scim_policy=POLICY)


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
