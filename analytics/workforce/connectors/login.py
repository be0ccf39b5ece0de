"""Log-ins: how a system is shown who asks, as ``[source.login]`` says it.

``kind``: ``none``; ``basic`` (``user``, PASSWORD); ``api_key_user`` (the API_KEY is the
user, ``password`` of no meaning); ``bearer`` (TOKEN); ``header`` (``name``, API_KEY);
``client_credentials`` (``token_url``, ``client_id``, CLIENT_SECRET, ``scope``,
``audience``, ``client_in``: body or basic), ``saml_bearer`` (``token_url``,
``client_id``, ``company_id``, ASSERTION), ``refresh_token`` (``token_url``,
``client_id``, CLIENT_SECRET, REFRESH_TOKEN), ``jwt_bearer`` (``token_url``,
``client_id``, ``subject``, ``audience``, ``private_key``, a PEM file). ``more`` is a
table of further fields of the form that asks for a token. Names in capitals are
secrets.

A token is renewed before it ends, and once after a 401.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from analytics.workforce.connectors.reach import address_of
from analytics.workforce.sources.secrets import Secrets, only_for_owner
from analytics.workforce.sources.source_table import SourceTable
from lrs.errors import SetupError

if TYPE_CHECKING:
    from analytics.workforce.connectors.session import Session

_EARLY = 60.0  # seconds before its end that a token is renewed
_USUAL = 600.0  # seconds that a token holds which does not say how long
_ASSERTED = 180  # seconds that what we sign for a token holds
_TOKENS = ("client_credentials", "saml_bearer", "refresh_token", "jwt_bearer")
KINDS = ("none", "basic", "api_key_user", "bearer", "header", *_TOKENS)
_KEYS = {
    *("kind", "user", "name", "token_url", "client_id", "company_id", "scope"),
    *("audience", "subject", "private_key", "client_in", "more"),
}


class Login(Protocol):
    """What a session asks before each request."""

    def headers(self, session: Session) -> dict[str, str]:
        """Return the headers that prove who asks; raises SetupError, Unavailable."""

    def renew(self) -> bool:
        """Forget what was refused; tell whether another try can go better."""


class Fixed:
    """The same headers always."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = dict(headers)

    def headers(self, session: Session) -> dict[str, str]:
        """Return the headers."""
        return self._headers

    def renew(self) -> bool:
        """Tell that nothing can be renewed."""
        return False


class Token:
    """A token of OAuth 2, asked for when it is needed and kept in memory.

    ``form`` makes the fields that ask for it, ``headers`` go beside them.
    """

    def __init__(
        self,
        url: str,
        form: Callable[[], dict[str, str]],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._url = url
        self._form = form
        self._headers = dict(headers or {})
        self._token = ""
        self._until = 0.0  # monotonic

    def headers(self, session: Session) -> dict[str, str]:
        """Return the token as a header; asks for one where there is none that holds."""
        if not self._token or time.monotonic() >= self._until:
            self._ask(session)
        return {"Authorization": f"Bearer {self._token}"}

    def renew(self) -> bool:
        """Forget the token."""
        self._token = ""
        return True

    def _ask(self, session: Session) -> None:
        began = time.monotonic()
        _, found = session.ask(
            "POST", self._url, form=self._form(), headers=self._headers, login=False
        )
        token = found.get("access_token") if isinstance(found, dict) else None
        if not isinstance(token, str) or not token:
            raise SetupError(
                f"{session.reach.system} gives no token: see to token_url and to the "
                "client in [source.login]."
            )
        try:
            holds = float(found.get("expires_in", _USUAL))
        except (TypeError, ValueError):
            holds = _USUAL
        self._token = token
        # One that holds for less than a minute is used for half of that.
        self._until = began + max(holds - _EARLY, holds / 2)


def basic(user: str, password: str) -> dict[str, str]:
    """Return the header of HTTP Basic."""
    both = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {both}"}


def login_of(
    source: SourceTable, folder: Path, secrets: Secrets, usual: str = "none"
) -> Login:
    """Return the log-in of ``[source.login]``; raises BadRequest, SetupError.

    ``usual`` is the kind of a system where the mapping names none.
    """
    read = source.part("login")
    read.only(_KEYS)
    kind = read.choice("kind", KINDS, usual)
    if kind == "none":
        return Fixed({})
    if kind == "basic":
        return Fixed(basic(read.text("user"), secrets.need("password")))
    if kind == "api_key_user":
        return Fixed(basic(secrets.need("api_key"), "x"))
    if kind == "bearer":
        return Fixed({"Authorization": f"Bearer {secrets.need('token')}"})
    if kind == "header":
        return Fixed({read.text("name"): secrets.need("api_key")})
    return _token(kind, read, folder, secrets)


def _token(kind: str, read: SourceTable, folder: Path, secrets: Secrets) -> Token:
    url = address_of(read, "token_url")
    client, more = read.text("client_id"), read.pairs("more")
    form = {"client_id": client}
    for key in ("scope", "company_id"):
        if value := read.maybe(key):
            form[key] = value
    headers: dict[str, str] = {}
    if kind == "jwt_bearer":
        key_file = read.file("private_key", folder)
        if key_file is None:
            raise read.wrong("private_key", "is missing")
        only_for_owner(key_file)
        claims = {
            "iss": client,
            "sub": read.text("subject", client),
            "aud": read.text("audience"),
        }
        form["grant_type"] = "urn:ietf:params:oauth:grant-type:jwt-bearer"
        return Token(
            url, lambda: form | more | {"assertion": _signed(key_file, claims)}
        )
    if audience := read.maybe("audience"):
        form["audience"] = audience
    if kind == "saml_bearer":
        form["grant_type"] = "urn:ietf:params:oauth:grant-type:saml2-bearer"
        form["assertion"] = secrets.need("assertion")
        return Token(url, lambda: form | more)
    form["grant_type"] = kind
    if kind == "refresh_token":
        form["refresh_token"] = secrets.need("refresh_token")
    if read.choice("client_in", ("body", "basic"), "body") == "basic":
        headers = basic(form.pop("client_id"), secrets.need("client_secret"))
    else:
        form["client_secret"] = secrets.need("client_secret")
    return Token(url, lambda: form | more, headers)


def _signed(key_file: Path, claims: Mapping[str, str]) -> str:
    """Return a JWT over these claims, signed with RS256; raises SetupError."""
    from joserfc import jwt
    from joserfc.jwk import RSAKey

    try:
        key = RSAKey.import_key(key_file.read_bytes())
        now = int(time.time())
        told = {**claims, "iat": now, "exp": now + _ASSERTED}
        return str(jwt.encode({"alg": "RS256"}, told, key))
    except OSError as error:
        raise SetupError(f"{key_file} cannot be read: {error.strerror}.") from None
    except ValueError:  # never what it says: it may quote the key
        raise SetupError(f"{key_file} is no RSA key in PEM.") from None
