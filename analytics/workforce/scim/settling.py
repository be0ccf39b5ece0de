"""What is kept of a user that was sent, and what the SCIM library refuses of it.

In: a User as the library has read it. Out: the resource as JSON without id and meta,
within bounds; or a Refusal.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from pydantic import ValidationError
from scim2_models import Context, Error, SCIMException

from analytics.workforce.scim.identity import ENTERPRISE
from analytics.workforce.scim.refusals import Refusal
from analytics.workforce.scim.schema import CORE, POLICY, User

_LARGEST = 64 << 10  # bytes of a user, as JSON
_LONGEST_NAME = 512  # characters of userName and externalId
_MOST_VALUES = 100  # of an attribute
_OURS = ("id", "meta", "password", "groups")


@contextmanager
def refusing() -> Iterator[None]:
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


def settled(user: User, *, active: bool) -> dict[str, Any]:
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
