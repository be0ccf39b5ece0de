"""Log-ins of every kind, tokens that end, and secrets that stand where they may."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from analytics.workforce.connectors import MODULES
from analytics.workforce.connectors.connector import System, system_of
from analytics.workforce.connectors.session import Session
from analytics.workforce.sources.secrets import SECRETS
from config.settings import HRIS_SECRETS, hris_secrets
from lrs.errors import BadRequest, SetupError
from tests.fakes.server import Reply, Request, Server, served

HELD = {key: f"the {key}" for key in SECRETS}


def system(
    url: str, login: dict[str, Any], held: dict[str, str] | None = None, **given: Any
) -> System:
    table = {
        "type": "rest",
        "address": url,
        "path": "/v1",
        "id": "id",
        "tries": 2,
        "backoff_seconds": 0.001,
        "login": login,
    } | given
    secrets = HELD if held is None else held
    return system_of(table, "acme", Path("/nowhere"), secrets, ())


class Issuer:
    """Gives tokens, and knows those that hold."""

    def __init__(self) -> None:
        self.given = 0
        self.holds: set[str] = set()
        self.expires: object = 3600
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Reply:
        if request.path == "/token":
            self.asked.append(request)
            self.given += 1
            token = f"t{self.given}"
            self.holds.add(token)
            return Reply({"access_token": token, "expires_in": self.expires})
        shown = request.headers.get("authorization", "").removeprefix("Bearer ")
        return Reply({}) if shown in self.holds else Reply(None, 401)


@pytest.fixture
def issuer():
    return Issuer()


@pytest.fixture
def server(issuer: Issuer):
    with served(issuer) as found:
        yield found


def oauth(server: Server, kind: str = "client_credentials", **more: Any) -> System:
    login = {"kind": kind, "token_url": f"{server.url}/token", "client_id": "lrs"}
    return system(server.url, login | more)


def ask(found: System, times: int = 1) -> None:
    with Session(found.reach, found.login) as session:
        for _ in range(times):
            session.json("/v1")


def test_a_token_is_asked_for_once_and_used_until_it_ends(
    server: Server, issuer: Issuer
) -> None:
    ask(oauth(server, scope="people.read", audience="hr", more={"tenant": "7"}), 3)
    [asked] = issuer.asked
    assert asked.form() == {
        "grant_type": "client_credentials",
        "client_id": "lrs",
        "client_secret": "the client_secret",
        "scope": "people.read",
        "audience": "hr",
        "tenant": "7",
    }
    assert "authorization" not in asked.headers


def test_a_token_is_renewed_before_it_ends(server: Server, issuer: Issuer) -> None:
    issuer.expires = 0
    ask(oauth(server), 3)
    assert issuer.given == 3


def test_a_token_that_does_not_say_how_long_it_holds_is_used(
    server: Server, issuer: Issuer
) -> None:
    issuer.expires = "soon"
    ask(oauth(server), 2)
    assert issuer.given == 1


def test_a_token_is_renewed_once_after_a_401(server: Server, issuer: Issuer) -> None:
    found = oauth(server)
    with Session(found.reach, found.login) as session:
        session.json("/v1")
        issuer.holds.clear()
        session.json("/v1")
        assert issuer.given == 2
        server.always = None
        server.fake = lambda request: (
            issuer(request) if request.path == "/token" else Reply(None, 401)
        )
        before = server.number
        with pytest.raises(SetupError, match="refuses the log-in"):
            session.json("/v1")
    assert server.number == before + 3  # refused, another token, refused


def test_a_token_that_is_refused_or_missing_is_told(
    server: Server, issuer: Issuer
) -> None:
    server.fake = lambda request: Reply({"error": "the client_secret"}, 401)
    with pytest.raises(SetupError, match=r"refuses the log-in.* \(/token, status 401"):
        ask(oauth(server))
    server.fake = lambda request: Reply({"token": "the client_secret"})
    with pytest.raises(SetupError, match="gives no token") as caught:
        ask(oauth(server))
    assert "the client_secret" not in caught.value.message


def test_the_other_grants_send_what_they_need(server: Server, issuer: Issuer) -> None:
    ask(oauth(server, "saml_bearer", company_id="ACME"))
    ask(oauth(server, "refresh_token"))
    ask(oauth(server, client_in="basic"))
    saml, refresh, basic = issuer.asked
    assert saml.form()["assertion"] == "the assertion"
    assert saml.form()["company_id"] == "ACME"
    assert saml.form()["grant_type"].endswith(":saml2-bearer")
    assert refresh.form()["refresh_token"] == "the refresh_token"
    assert refresh.form()["grant_type"] == "refresh_token"
    assert basic.form() == {"grant_type": "client_credentials"}
    shown = basic.headers["authorization"].removeprefix("Basic ")
    assert base64.b64decode(shown) == b"lrs:the client_secret"


def test_a_signed_assertion_is_sent_for_a_token(
    server: Server, issuer: Issuer, tmp_path: Path
) -> None:
    key = tmp_path / "key.pem"
    key.write_bytes(
        rsa.generate_private_key(65_537, 2048).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    given = {"private_key": str(key), "subject": "hr@acme", "audience": "https://crm"}
    with pytest.raises(SetupError, match="chmod 600"):
        oauth(server, "jwt_bearer", **given)
    key.chmod(0o600)
    ask(oauth(server, "jwt_bearer", **given))
    [asked] = issuer.asked
    claims = asked.form()["assertion"].split(".")[1]
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert (told["iss"], told["sub"], told["aud"]) == ("lrs", "hr@acme", "https://crm")
    key.write_text("no key: hunter2")
    with pytest.raises(SetupError, match="is no RSA key") as caught:
        ask(oauth(server, "jwt_bearer", **given))
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize(
    ("login", "headers"),
    [
        ({"kind": "none"}, {}),
        ({"kind": "bearer"}, {"authorization": "Bearer the token"}),
        ({"kind": "header", "name": "X-Key"}, {"x-key": "the api_key"}),
        ({"kind": "basic", "user": "ann"}, {"authorization": b"ann:the password"}),
        ({"kind": "api_key_user"}, {"authorization": b"the api_key:x"}),
    ],
)
def test_what_is_fixed_is_sent_with_every_request(
    login: dict[str, Any], headers: dict[str, Any]
) -> None:
    with served(lambda request: Reply({})) as server:
        ask(system(server.url, login))
        sent = server.asked[0].headers
    for name, value in headers.items():
        if isinstance(value, bytes):
            value = f"Basic {base64.b64encode(value).decode()}"
        assert sent[name] == value
    assert headers or "authorization" not in sent


def test_the_environment_has_every_secret_under_its_name() -> None:
    assert SECRETS == HRIS_SECRETS
    environment = {f"LRS_HRIS_ACME_NORTH_{key.upper()}": key for key in SECRETS}
    assert hris_secrets("acme-north", environment) == {key: key for key in SECRETS}


def test_a_secret_that_is_missing_is_named_with_where_to_set_it() -> None:
    with pytest.raises(SetupError) as caught:
        system("https://x.example", {"kind": "bearer"}, {})
    assert "set LRS_HRIS_ACME_TOKEN, or token in the secrets_file" in str(caught.value)


def test_a_secrets_file_is_read_where_only_its_owner_can(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text('token = "hunter2"\n')
    given = {"secrets_file": str(file)}
    for mode in (0o640, 0o604, 0o620):
        file.chmod(mode)
        with pytest.raises(SetupError, match="chmod 600"):
            system("https://x.example", {"kind": "bearer"}, {}, **given)
    file.chmod(0o600)
    with served(lambda request: Reply({})) as server:
        ask(system(server.url, {"kind": "bearer"}, {}, **given))
        # What the environment says comes first.
        ask(system(server.url, {"kind": "bearer"}, {"token": "other"}, **given))
        shown = [request.headers["authorization"] for request in server.asked]
    assert shown == ["Bearer hunter2", "Bearer other"]
    for wrong in ('tokn = "hunter2"', "token = 7", "token = hunter2"):
        file.write_text(wrong)
        with pytest.raises(SetupError) as caught:
            system("https://x.example", {"kind": "bearer"}, {}, **given)
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"address": "http://hr.example"}, "is not https://"),
        ({"address": "https://ann:hunter2@hr.example"}, "holds a user or a secret"),
        ({"address": "https://hr.example/?key=hunter2"}, "has a query"),
        ({"address": "hr.example"}, "is not an address"),
        ({"address": "https://hr.example:99999"}, "is not an address"),
        ({"adress": "https://hr.example"}, "source.adress is unknown"),
        ({"token": "hunter2"}, "source.token is a secret"),
        ({"login": {"kind": "bearer", "token": "hunter2"}}, "login.token is a secret"),
        ({"login": {"kind": "magic"}}, "login.kind is not one of"),
        ({"login": {"kind": "basic"}}, "login.user is missing"),
        ({"login": "basic"}, "source.login is not a table"),
        ({"tries": 0}, "source.tries is not a whole number from 1 to 20"),
        ({"client_key": "key.pem"}, "of no use without client_certificate"),
        ({"proxy": "socks5://x"}, "proxy is not an address"),
        ({"paging": {"kind": "page"}}, "paging.parameter is missing"),
        ({"delta": {"parameter": "x", "template": "y"}}, "delta.template has no"),
        ({"id": []}, "source.id is missing"),
        ({"type": "sap"}, "source.type is not one of: rest"),
    ],
)
def test_a_wrong_key_is_named_and_no_secret_repeated(
    changed: dict[str, Any], words: str
) -> None:
    table = {"type": "rest", "address": "https://x.example", "path": "/", "id": "id"}
    with pytest.raises(BadRequest) as caught:
        system_of(table | changed, "acme", Path("/nowhere"), HELD, ())
    assert words in caught.value.message
    assert "mapping acme, source" in caught.value.message
    assert "hunter2" not in caught.value.message


def test_every_type_has_its_module_and_says_what_it_can() -> None:
    from importlib import import_module

    for module in MODULES.values():
        found = import_module(f"analytics.workforce.connectors.{module}")
        assert callable(found.connector_of)
