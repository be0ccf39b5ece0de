"""The parameters of the document resources (xAPI-Communication 2.3, 2.6, 2.7).

In: the address of a request. Out: the place of one document, or a context and the
``since`` of a list. All of it is strict: a parameter that is missing, unknown, written
twice, or wrong where it stands is refused, and named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug import Request

from lrs.document_store import Context, Place, Resource
from lrs.errors import BadRequest
from lrs.http import parameters
from lrs.http.parameters import shown
from lrs.xapi.versions import Version

_LONGEST = 4096  # characters of a parameter; it becomes part of an index
_SINCE = "since"


@dataclass(frozen=True, slots=True)
class _Names:
    context: tuple[str, ...]
    id: str
    optional: tuple[str, ...] = ()


_NAMES = {
    Resource.STATE: _Names(("activityId", "agent"), "stateId", ("registration",)),
    Resource.ACTIVITY_PROFILE: _Names(("activityId",), "profileId"),
    Resource.AGENT_PROFILE: _Names(("agent",), "profileId"),
}


def place(resource: Resource, request: Request, version: Version) -> Place:
    """Return where the one document stands that a request names."""
    given = _given(request)
    names = _NAMES[resource]
    _expect(given, (*names.context, names.id), names.optional)
    return _place(resource, given, version)


def place_or_list(
    resource: Resource, request: Request, version: Version
) -> Place | tuple[Context, int | None]:
    """Return the place of a document; without its id, the context and ``since``."""
    given = _given(request)
    names = _NAMES[resource]
    if names.id in given:
        if _SINCE in given:
            raise BadRequest(f"The parameter since does not go with {names.id}.")
        _expect(given, names.context, (names.id, *names.optional))
        return _place(resource, given, version)
    _expect(given, names.context, (*names.optional, _SINCE))
    since = given.get(_SINCE)
    moment = None if since is None else parameters.timestamp(_SINCE, since)
    return _context(resource, given, version), moment


def place_or_context(
    resource: Resource, request: Request, version: Version
) -> Place | Context:
    """Return the place of a document; of State, without its id, the whole context."""
    given = _given(request)
    names = _NAMES[resource]
    if resource is not Resource.STATE or names.id in given:
        return place(resource, request, version)
    _expect(given, names.context, names.optional)
    return _context(resource, given, version)


def _given(request: Request) -> dict[str, str]:
    given = parameters.given(request)
    for name, value in given.items():
        if len(value) > _LONGEST:
            raise BadRequest(
                f"The parameter {shown(name)} has more than {_LONGEST} characters."
            )
    return given


def _expect(
    given: Mapping[str, str], required: tuple[str, ...], optional: tuple[str, ...]
) -> None:
    for name in given:
        if name not in required and name not in optional:
            known = ", ".join((*required, *optional))
            raise BadRequest(f"Unknown parameter {shown(name)}; known here: {known}.")
    for name in required:
        if name not in given:
            raise BadRequest(f"The parameter {name} is required.")


def _place(resource: Resource, given: Mapping[str, str], version: Version) -> Place:
    name = _NAMES[resource].id
    if not given[name]:
        raise BadRequest(f"The parameter {name} must not be empty.")
    return Place(_context(resource, given, version), given[name])


def _context(resource: Resource, given: Mapping[str, str], version: Version) -> Context:
    # 1.0.3 says that it is no Group (2.6), 2.0 lets an identified one be.
    agent = parameters.agent if version is Version.V1_0_3 else parameters.agent_or_group
    parse = {
        "activityId": parameters.iri,
        "agent": agent,
        "registration": parameters.uuid,
    }
    found = {
        name: parse[name](name, given[name]) if name in given else None
        for name in parse
    }
    return Context(
        resource,
        activity=found["activityId"],
        agent=found["agent"],
        registration=found["registration"],
    )
