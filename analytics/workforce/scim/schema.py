"""The resources: User with the enterprise extension and ours (RFC 7643 4.1, 4.3).

Of the core schema what serves a learning record is kept. Photographs, telephone and
messenger numbers, certificates and passwords are not in it: they are dropped as they
arrive, like every attribute that no schema here declares (RFC 7644 3.3).
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field, field_validator
from scim2_models import (
    URN,
    Address,
    CaseExact,
    ComplexAttribute,
    Extension,
    Mutability,
    Name,
    Required,
    Resource,
    ScimPolicy,
    Uniqueness,
)

from analytics.workforce.scim.identity import ENTERPRISE

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
WORKFORCE = "urn:ietf:params:scim:schemas:extension:workforce:2.0:User"

# What Microsoft Entra sends beyond the specification is taken as it means it.
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
# Providers send numbers of employees and cost centres with and without quotes.
_NUMBERS_TOO = ConfigDict(coerce_numbers_to_str=True)


class Email(ComplexAttribute):
    """An e-mail address; whether it is one is not judged here."""

    value: str | None = None
    display: str | None = None
    type: str | None = None
    primary: bool | None = None


class Role(ComplexAttribute):
    """A role or an entitlement."""

    value: str | None = None
    display: str | None = None
    type: str | None = None
    primary: bool | None = None


class Manager(ComplexAttribute):
    """The User's manager: by the id that we gave, or another identifier of theirs."""

    model_config = _NUMBERS_TOO

    value: Annotated[str | None, CaseExact.true] = None
    ref: str | None = Field(None, serialization_alias="$ref", validation_alias="$ref")
    display_name: Annotated[str | None, Mutability.read_only] = None


class EnterpriseUser(Extension):
    """The enterprise extension (RFC 7643 4.3)."""

    __schema__ = URN(ENTERPRISE)
    model_config = _NUMBERS_TOO

    employee_number: str | None = None
    cost_center: str | None = None
    organization: str | None = None
    division: str | None = None
    department: str | None = None
    manager: Manager | None = None

    @field_validator("manager", mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        """Take a manager as a bare string, and as a list of one, too."""
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        return {"value": value} if isinstance(value, (str, int)) else value


class WorkforceUser(Extension):
    """What HR knows and SCIM has no attribute for; each is text, all may be absent."""

    __schema__ = URN(WORKFORCE)
    model_config = _NUMBERS_TOO

    hire_date: str | None = None
    original_hire_date: str | None = None
    termination_date: str | None = None
    status: str | None = None
    worker_type: str | None = None
    job_code: str | None = None
    job_level: str | None = None
    org_unit_id: str | None = None
    org_unit_name: str | None = None
    org_parent_id: str | None = None
    location: str | None = None
    time_zone: str | None = None
    fte: str | None = None
    regulatory_classes: str | None = None


class User(Resource[EnterpriseUser | WorkforceUser]):
    """A person, as an identity provider tells of them."""

    __schema__ = URN(CORE)
    model_config = _NUMBERS_TOO

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    name: Name | None = None
    display_name: str | None = None
    nick_name: str | None = None
    title: str | None = None
    user_type: str | None = None
    preferred_language: str | None = None
    locale: str | None = None
    timezone: str | None = None
    active: bool | None = None
    emails: list[Email] | None = None
    addresses: list[Address] | None = None
    entitlements: list[Role] | None = None
    roles: list[Role] | None = None
