"""What the service says of itself: its abilities, types and schemas (RFC 7644 4)."""

from __future__ import annotations

from typing import Any

from scim2_models import ResourceType

from analytics.workforce.scim.refusals import Refusal
from analytics.workforce.scim.schema import EnterpriseUser, User, WorkforceUser
from analytics.workforce.scim.service import MOST_RESULTS, listed

_SCHEMES = (
    ("oauthbearertoken", "Bearer token", "rfc6750", "The token of a credential"),
    ("httpbasic", "HTTP Basic", "rfc7617", "The key and secret of a credential"),
)


def config(address: str) -> dict[str, Any]:
    """Return the ServiceProviderConfig (RFC 7643 5)."""
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MOST_RESULTS},
        "changePassword": {"supported": False},
        "sort": {"supported": True},
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": kind,
                "name": name,
                "description": f"{told} with the scope scim.",
                "specUri": f"https://www.rfc-editor.org/info/{rfc}",
                **({"primary": True} if kind == "oauthbearertoken" else {}),
            }
            for kind, name, rfc, told in _SCHEMES
        ],
        "meta": _meta("ServiceProviderConfig", f"{address}/ServiceProviderConfig"),
    }


def resource_types(address: str, name: str | None = None) -> dict[str, Any]:
    """Return the resource types, or the one of that name; raises Refusal."""
    made = ResourceType.from_resource(User).model_dump()
    made["meta"] = _meta("ResourceType", f"{address}/ResourceTypes/User")
    return _one_or_all([made], name)


def schemas(address: str, urn: str | None = None) -> dict[str, Any]:
    """Return the schemas, or the one of that URN; raises Refusal."""
    made = []
    for model in (User, EnterpriseUser, WorkforceUser):
        schema = model.to_schema().model_dump()
        schema["meta"] = _meta("Schema", f"{address}/Schemas/{schema['id']}")
        made.append(schema)
    return _one_or_all(made, urn)


def nothing() -> dict[str, Any]:
    """Return the groups: there are none."""
    return listed([], 0)


def _one_or_all(made: list[dict[str, Any]], name: str | None) -> dict[str, Any]:
    if name is None:
        return listed(made, len(made))
    for one in made:
        if one["id"].lower() == name.lower():
            return one
    raise Refusal(404, "There is nothing of this name.")


def _meta(kind: str, location: str) -> dict[str, Any]:
    return {"resourceType": kind, "location": location}
