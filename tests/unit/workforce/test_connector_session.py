"""The session with a system that is asked: tries, redirects, TLS, proxies, sizes."""

from __future__ import annotations

import datetime
import time
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from analytics.workforce.connectors.answers import Gone, retry_after
from analytics.workforce.connectors.connector import system_of
from analytics.workforce.connectors.session import Session
from lrs.errors import LrsError, SetupError, Unavailable
from tests.fakes.certificates import PASSPHRASE, Certificates, certificates
from tests.fakes.server import PASSING, Reply, Request, Server, served

SECRET = "hunter2-of-ada"
TELLING = (SECRET, PASSPHRASE, "Ada Byron", "4711", "hunter2", "since=")


@pytest.fixture
def server():
    with served(lambda request: Reply({"path": request.path})) as found:
        yield found


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("certificates"))


def session(url: str, secrets: dict[str, str] | None = None, **given: Any) -> Session:
    """A session as a mapping would have it, with short waits."""
    table = {
        "type": "rest",
        "address": url,
        "path": "/v1",
        "id": "id",
        "tries": 3,
        "backoff_seconds": 0.001,
        "timeout_seconds": 0.5,
        "largest_answer_mb": 1,
        "login": {"kind": "bearer"},
    } | given
    held = {"token": SECRET} if secrets is None else secrets
    system = system_of(table, "acme", Path("/nowhere"), held, ())
    return Session(system.reach, system.login)


def refusal(url: str, path: str = "/v1/people?since=1", **given: Any) -> LrsError:
    """The error of a question; nothing that was sent or answered may stand in it."""
    with session(url, **given) as opened, pytest.raises(LrsError) as caught:
        opened.json(path)
    told = caught.value.message
    assert not [secret for secret in TELLING if secret in told], told
    assert "acme" in told
    return caught.value


@pytest.mark.parametrize("fault", PASSING)
def test_what_may_pass_is_tried_again(server: Server, fault: str) -> None:
    server.hang = 0.8
    server.fail(1, fault)
    with session(server.url) as opened:
        assert opened.json("/v1/people") == {"path": "/v1/people"}
    assert server.number == 2


@pytest.mark.parametrize("fault", PASSING)
def test_what_does_not_pass_is_given_up_in_words(server: Server, fault: str) -> None:
    server.hang = 0.8
    server.always = fault
    error = refusal(server.url)
    assert isinstance(error, Unavailable)
    assert "/v1/people" in error.message
    assert "tried 3 times" in error.message
    assert server.number == 3
    if fault[:3].isdigit():
        assert f"status {fault[:3]}" in error.message


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("401", "refuses the log-in"),
        ("403", "give it the right"),
        ("404", "has nothing there"),
    ],
)
def test_what_will_not_pass_is_not_tried_again(
    server: Server, fault: str, words: str
) -> None:
    server.always = fault
    error = refusal(server.url)
    assert isinstance(error, SetupError)
    assert words in error.message
    assert f"status {fault}" in error.message
    assert server.number == 1
    assert isinstance(error, Gone) == (fault == "404")


def test_retry_after_is_waited_for_and_no_longer_than_is_set(server: Server) -> None:
    replies = [Reply(None, 429, {"Retry-After": "1"}), Reply({"ok": True})]
    server.fake = lambda request: replies.pop(0)
    began = time.monotonic()
    with session(server.url) as opened:
        assert opened.json("/v1") == {"ok": True}
    assert time.monotonic() - began >= 1
    server.fake = lambda request: Reply(None, 429, {"Retry-After": "3600"})
    before = server.number
    assert "asks us to slow down" in refusal(server.url).message
    assert server.number == before + 1


def test_retry_after_is_seconds_or_a_date_and_else_nothing() -> None:
    now = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)
    later = format_datetime(now + datetime.timedelta(seconds=90), usegmt=True)
    date = format_datetime(now, usegmt=True)
    told = {
        "7": 7.0,
        "0": 0.0,
        " 12 ": 12.0,
        later: 90.0,  # by the clock of whoever says so
        date: 0.0,
        "-3": None,
        "soon": None,
        "1.5": None,
        "²": None,
        "9" * 400: 86_400.0,
        "": None,
    }
    for text, seconds in told.items():
        assert retry_after({"retry-after": text, "date": date}) == seconds, text
    assert retry_after({}) is None


def test_a_redirect_is_followed_on_the_same_host_only(server: Server) -> None:
    def fake(request: Request) -> Reply:
        if request.path == "/old":
            return Reply(None, 302, {"Location": "/new"})
        if request.path == "/circle":
            return Reply(None, 307, {"Location": "/circle"})
        return Reply({"path": request.path})

    server.fake = fake
    with session(server.url) as opened:
        assert opened.json("/old") == {"path": "/new"}
    assert server.asked[-1].headers["authorization"] == f"Bearer {SECRET}"
    assert "in a circle" in refusal(server.url, "/circle").message
    with served(lambda request: Reply({})) as other:
        server.fake = lambda request: Reply(None, 302, {"Location": other.url + "/x"})
        assert "another host, '127.0.0.1'" in refusal(server.url).message
        server.fake = lambda request: Reply({})
        with session(server.url) as opened:
            for link in (
                f"{other.url}/v1",
                f"//{other.url[7:]}/v1",
                "http://x.example",
            ):
                with pytest.raises(SetupError, match="another host"):
                    opened.page_address(link, "/v1")
            assert opened.page_address("?page=2", "/v1") == f"{server.url}/v1?page=2"
        assert other.asked == []


def test_tls_is_verified(signed: Certificates) -> None:
    with served(lambda request: Reply({"ok": True}), tls=signed.server) as server:
        error = refusal(server.url)
        assert isinstance(error, SetupError)
        assert "is not trusted" in error.message
        assert "ca_file" in error.message
        assert server.asked == []
        with session(server.url, ca_file=str(signed.authority)) as opened:
            assert opened.json("/v1") == {"ok": True}
        other = server.url.replace("127.0.0.1", "localhost")  # not what it is for
        assert "not trusted" in refusal(other, ca_file=str(signed.authority)).message


def test_mutual_tls_shows_who_we_are(signed: Certificates) -> None:
    certificate, key = map(str, signed.client)
    own = {"ca_file": str(signed.authority), "client_certificate": certificate}
    with served(
        lambda request: Reply({"ok": True}), tls=signed.server, mutual=signed.authority
    ) as server:
        refusal(server.url, ca_file=str(signed.authority))
        held = {"token": SECRET, "passphrase": PASSPHRASE}
        with session(server.url, held, client_key=key, **own) as opened:
            assert opened.json("/v1") == {"ok": True}
    with pytest.raises(SetupError, match="passphrase is wrong"):
        session("https://x.example", client_key=key, **own)


def test_a_key_that_others_can_read_is_refused(
    signed: Certificates, tmp_path: Path
) -> None:
    key = tmp_path / "client.key"
    key.write_bytes(signed.client[1].read_bytes())
    key.chmod(0o640)
    own = {"client_certificate": str(signed.client[0]), "client_key": str(key)}
    with pytest.raises(SetupError, match="chmod 600"):
        session("https://x.example", **own)


def test_a_proxy_is_taken_where_it_is_set_and_the_environment_is_not_asked(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with session(server.url, {}, login={"kind": "none"}) as opened:
        assert opened.json("/v1") == {"path": "/v1"}
    assert "authorization" not in server.asked[-1].headers
    with served(lambda request: Reply({"by": "proxy"})) as proxy:
        given = {"proxy": proxy.url, "proxy_user": "lrs"}
        held = {"token": SECRET, "proxy_password": "of-the-proxy"}
        with session("http://localhost:9", held, **given) as opened:
            assert opened.json("/v1") == {"by": "proxy"}
        assert "proxy-authorization" in proxy.asked[-1].headers
        assert "of-the-proxy" not in repr(opened.reach)


def test_an_answer_that_is_too_large_is_refused(server: Server) -> None:
    server.fake = lambda request: Reply({"x": "a" * (1 << 20)})
    error = refusal(server.url)
    assert "over 1 MiB" in error.message
    assert server.number == 1


def test_an_address_that_nobody_serves_is_told(server: Server) -> None:
    assert "cannot be reached at localhost" in refusal("http://localhost:9").message


def test_numbers_stay_as_they_are_written(server: Server) -> None:
    server.fake = lambda request: Reply(
        b'{"a":1.10,"b":123456789012345678901234567890}'
    )
    with session(server.url) as opened:
        found = opened.json("/v1")
    assert found == {"a": "1.10", "b": 123456789012345678901234567890}
    server.fake = lambda request: Reply(b"[" * 100_000)
    assert "no JSON" in refusal(server.url).message


@pytest.mark.parametrize("secret", ["two\nlines", "schl\xfcssel", "\u2713"])
def test_a_secret_that_cannot_be_sent_is_told_and_not_repeated(
    server: Server, secret: str
) -> None:
    opened = session(server.url, {"token": secret})
    with opened, pytest.raises(LrsError) as caught:
        opened.json("/v1")
    assert secret[:4] not in caught.value.message
    assert server.asked == []


@pytest.mark.parametrize("link", ["http://[x", "http://127.0.0.1:999999/", "\x00//"])
def test_a_link_that_is_no_address_is_refused(server: Server, link: str) -> None:
    server.fake = lambda request: Reply(None, 302, {"Location": "http://[x"})
    assert "what is no address" in refusal(server.url).message
    with session(server.url) as opened, pytest.raises(SetupError):
        opened.json(opened.page_address(link, "/v1"))


def test_nothing_that_is_sent_or_answered_is_logged(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"), session(server.url) as opened:
        opened.json("/v1/people?since=1", params={"who": "Ada Byron"})
        server.always = "403"
        with pytest.raises(SetupError):
            opened.json("/v1/people?since=1")
    assert not [secret for secret in TELLING if secret in caplog.text]
    assert SECRET not in repr(opened.reach)
