"""/scim/v2: the addresses of SCIM 2.0, for identity providers (RFC 7644 3.2).

The door has let the caller in: a credential with the scope ``scim``, as a Bearer token
or by HTTP Basic, bound to its tenant. Bodies are application/scim+json, and so is every
error, whoever refuses. What speaks SCIM is loaded when the first asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, Protocol

import orjson
from flask import Blueprint, Flask, Response, request

from analytics.workforce.scim.refusals import Refusal
from lrs.access import Scope
from lrs.errors import BadRequest, UnsupportedMediaType
from lrs.http.api import caller
from lrs.http.body import drained, read_body
from lrs.xapi import text

PREFIX = "/scim/v2"
MEDIA_TYPE = "application/scim+json"
_TAKEN = (MEDIA_TYPE, "application/json")
_LARGEST = 256 << 10  # bytes of a body
_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
_PROBLEM = "application/problem+json"
_ALL = ["GET", "POST", "PUT", "PATCH", "DELETE"]
Check = Callable[[str], None]


class Answer(Protocol):
    """A user as it is shown."""

    @property
    def user(self) -> dict[str, Any]:
        """Return it as JSON."""

    @property
    def version(self) -> str:
        """Return its entity tag."""

    @property
    def location(self) -> str:
        """Return its address."""


class Users(Protocol):
    """The resource Users (``analytics.workforce.scim.service``)."""

    def create(self, tenant: str, body: Any) -> Answer:
        """Keep a new user."""

    def get(self, tenant: str, user: str, asked: Mapping[str, str]) -> Answer:
        """Return a user."""

    def replace(self, tenant: str, user: str, body: Any, check: Check) -> Answer:
        """Replace a user."""

    def patch(self, tenant: str, user: str, body: Any, check: Check) -> Answer:
        """Apply the operations of a PATCH."""

    def delete(self, tenant: str, user: str, check: Check) -> None:
        """End a user."""

    def search(self, tenant: str, asked: Mapping[str, str]) -> dict[str, Any]:
        """Return those whom a filter means."""


class _AtFirstUse:
    """The service, made when the first asks; one for all threads."""

    def __init__(self, make: Callable[[], Users]) -> None:
        self._make = make
        self._made: Users | None = None
        self._lock = Lock()

    def __call__(self) -> Users:
        with self._lock:
            self._made = self._made or self._make()
            return self._made


def install(app: Flask, make: Callable[[], Users], address: str) -> None:
    """Add /scim/v2, which clients reach at an address, to the application.

    ``make`` loads and wires the service.
    """
    scim = Blueprint("scim", __name__, url_prefix=PREFIX)
    users = _AtFirstUse(make)

    @scim.before_request
    def check_scope() -> None:
        caller().require(Scope.SCIM)

    @scim.errorhandler(Refusal)
    def refused(error: Refusal) -> Response:
        return _error(error.status, error.detail, error.keyword)

    @app.after_request
    def in_scim(response: Response) -> Response:
        """Say what others have refused in the form that SCIM has for it."""
        if response.mimetype != _PROBLEM or not request.path.startswith("/scim/"):
            return response
        told = orjson.loads(response.get_data())
        syntax = "invalidSyntax" if response.status_code == 400 else None
        detail = told.get("detail") or told["title"]
        made = _error(response.status_code, detail, syntax)
        response.set_data(made.get_data())
        response.content_type = MEDIA_TYPE
        return response

    _add_users(scim, users)
    _add_descriptions(scim, address)
    _add_what_is_not(scim)
    app.register_blueprint(scim)


def _add_users(scim: Blueprint, users: Callable[[], Users]) -> None:
    @scim.get("/Users")
    def search() -> Response:
        return _json(users().search(caller().tenant, request.args))

    @scim.post("/Users")
    def create() -> Response:
        made = users().create(caller().tenant, _body())
        return _user(made, 201)

    @scim.get("/Users/<user>")
    def get(user: str) -> Response:
        found = users().get(caller().tenant, user, request.args)
        if request.if_none_match.contains_weak(_opaque(found.version)):
            return Response(status=304, headers={"ETag": found.version})
        return _user(found)

    @scim.put("/Users/<user>")
    def replace(user: str) -> Response:
        return _user(users().replace(caller().tenant, user, _body(), _if_match))

    @scim.patch("/Users/<user>")
    def patch(user: str) -> Response:
        return _user(users().patch(caller().tenant, user, _body(), _if_match))

    @scim.delete("/Users/<user>")
    def delete(user: str) -> Response:
        users().delete(caller().tenant, user, _if_match)
        return Response(status=204)


def _add_descriptions(scim: Blueprint, address: str) -> None:
    from importlib import import_module

    def described() -> Any:
        return import_module("analytics.workforce.scim.described")

    @scim.get("/ServiceProviderConfig")
    def config() -> Response:
        return _json(described().config(address))

    @scim.get("/ResourceTypes")
    @scim.get("/ResourceTypes/<name>")
    def resource_types(name: str | None = None) -> Response:
        return _json(described().resource_types(address, name))

    @scim.get("/Schemas")
    @scim.get("/Schemas/<name>")
    def schemas(name: str | None = None) -> Response:
        return _json(described().schemas(address, name))

    @scim.get("/Groups")
    def groups() -> Response:
        return _json(described().nothing())


def _add_what_is_not(scim: Blueprint) -> None:
    @scim.post("/Groups")
    @scim.post("/Bulk")
    @scim.post("/Users/.search")
    @scim.route("/Me", methods=_ALL)
    def not_offered() -> Response:
        return _error(501, "This is not offered: see ServiceProviderConfig.")

    @scim.route("/Groups/<path:_rest>", methods=_ALL)
    @scim.route("/", defaults={"_rest": ""}, methods=_ALL, strict_slashes=False)
    @scim.route("/<path:_rest>", methods=_ALL)
    def nothing_here(_rest: str) -> Response:
        return _error(404, "There is nothing at this address.")


def _body() -> Any:
    with drained(request):
        if request.mimetype not in ("", *_TAKEN):
            raise UnsupportedMediaType(f"The Content-Type must be {MEDIA_TYPE}.")
        body = read_body(request, _LARGEST, setting="of SCIM")
    try:
        return text.parse(body)
    except text.NotJson as error:
        raise BadRequest(str(error)) from None


def _if_match(version: str) -> None:
    """Raise Refusal where If-Match names another version; tags of SCIM are weak."""
    tags = request.if_match
    if tags and not tags.contains_weak(_opaque(version)):
        raise Refusal(412, "The user has changed: this is not its version.")


def _opaque(version: str) -> str:
    return version.removeprefix("W/").strip('"')


def _user(answer: Answer, status: int = 200) -> Response:
    response = _json(answer.user, status)
    response.headers["ETag"] = answer.version
    response.headers["Location"] = answer.location
    return response


def _error(status: int, detail: str, keyword: str | None = None) -> Response:
    body: dict[str, Any] = {"schemas": [_ERROR], "status": str(status)}
    body |= {"scimType": keyword} if keyword else {}
    return _json(body | {"detail": detail}, status)


def _json(body: dict[str, Any], status: int = 200) -> Response:
    response = Response(orjson.dumps(body), status, content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response
