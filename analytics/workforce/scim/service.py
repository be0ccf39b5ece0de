"""The resource Users: what is asked of it, as JSON, and what it answers (RFC 7644 3).

In: a tenant, a body as JSON or the parameters of a query. Out: users as JSON with id
and meta, and their version. Raises Refusal for whatever its sender must mend.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scim2_models import Context, PatchOp, ResponseParameters

from analytics.workforce.scim.asking import (
    number_in,
    order_of,
    search_request,
    wanted_in,
)
from analytics.workforce.scim.dialects import as_specified
from analytics.workforce.scim.filters import EVERYBODY, found_by
from analytics.workforce.scim.refusals import Refusal, no_user
from analytics.workforce.scim.schema import POLICY, User
from analytics.workforce.scim.settling import refusing, settled
from analytics.workforce.scim.users import Kept, Users

MOST_RESULTS = 200  # of one page
MOST_LOOKED_AT = 10_000  # users, for a filter that no index answers
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
        with refusing():
            given = User.model_validate(
                body, scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=POLICY
            )
            user = settled(given, active=True)
        return self._shown(self.users.create(tenant, user))

    def get(self, tenant: str, user: str, asked: Mapping[str, str]) -> Answer:
        """Return a user, of it the attributes that are asked for."""
        found = self.users.find(tenant, user)
        if found is None:
            raise no_user()
        return self._shown(found, wanted_in(asked))

    def replace(self, tenant: str, user: str, body: Any, check: Check) -> Answer:
        """Replace a user; what is not given goes, but for whether it is active."""

        def make(before: Kept) -> dict[str, Any]:
            check(version(before))
            given = User.model_validate(
                body, scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=POLICY
            )
            return settled(given, active=before.user["active"])

        with refusing():
            return self._shown(self.users.change(tenant, user, make))

    def patch(self, tenant: str, user: str, body: Any, check: Check) -> Answer:
        """Apply the operations of a PATCH, all of them or none."""
        with refusing():
            operations = PatchOp[User].model_validate(
                as_specified(body),
                scim_ctx=Context.RESOURCE_PATCH_REQUEST,
                scim_policy=POLICY,
            )

        def make(before: Kept) -> dict[str, Any]:
            check(version(before))
            present = User.model_validate(self._whole(before), scim_policy=POLICY)
            operations.patch(present, scim_policy=POLICY)
            return settled(present, active=before.user["active"])

        with refusing():
            return self._shown(self.users.change(tenant, user, make))

    def delete(self, tenant: str, user: str, check: Check) -> None:
        """End a user."""
        self.users.delete(tenant, user, lambda before: check(version(before)))

    def search(self, tenant: str, asked: Mapping[str, str]) -> dict[str, Any]:
        """Return a ListResponse of those whom a filter means, by the page."""
        start = max(number_in(asked, "startIndex", 1), 1)
        count = min(max(number_in(asked, "count", MOST_RESULTS), 0), MOST_RESULTS)
        request = search_request(asked)
        order = order_of(request)
        wanted = wanted_in(asked)
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
            with refusing():
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


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
