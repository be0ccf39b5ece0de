"""The session with a system that is asked: one HTTP client with manners.

Every request has a time-out, every answer a largest size, every failure that may pass
(408, 425, 429, 5xx, time-outs, cut connections, JSON that breaks off) some further
tries: with growing waits, or those that Retry-After asks for, up to a bound. So ask
only what may be asked twice. A redirect is followed on the same host, and refused
elsewhere; so is the link to a next page. TLS is always verified. The environment is not
looked at, and no error says more than the system, the path and the status.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from time import monotonic
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from analytics.workforce.connectors.answers import (
    AGAIN,
    Answer,
    Interruption,
    cut_off,
    http_date,
    redirected,
    retry_after,
    wrong_answer,
)
from analytics.workforce.connectors.login import Login
from analytics.workforce.connectors.reach import Reach
from analytics.workforce.connectors.tries import until_well
from lrs.errors import SetupError

# They would log addresses with all that is asked for, and headers.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5
_PIECE = 1 << 16
_LONGEST = 3600.0  # seconds from an answer's first octet to its last


class Session:
    """An open session; use it with ``with``."""

    def __init__(self, reach: Reach, login: Login) -> None:
        self.reach = reach
        self.requests = 0  # that were sent, tries included
        self.skew = datetime.timedelta()  # how far the server's clock is before ours
        self._login = login
        self._client = httpx.Client(
            verify=reach.context(),
            proxy=reach.proxy,
            timeout=reach.timeout,
            trust_env=False,
            follow_redirects=False,
            headers={"Accept": "application/json", "User-Agent": "workforce-lrs"},
        )

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def json(self, path: str, **asked: Any) -> Any:
        """Return the decoded JSON of a GET; ``asked`` is as ``ask`` takes it."""
        return self.ask("GET", path, **asked)[1]

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        told: str | None = None,
        login: bool = True,
    ) -> tuple[Answer, Any]:
        """Send a request that may be sent twice; return its answer, and that decoded.

        ``path`` is joined to the base address, or is an address on the same host.
        ``told`` stands for the path in errors, where it holds somebody's id. Raises
        SetupError, Gone (404, 410) and Unavailable.
        """
        url = self.address_of(path, own=login)
        place = told or urlsplit(url).path or "/"
        given = {"headers": headers, "params": params, "json": json, "data": form}

        def once() -> tuple[Answer, Any]:
            body = bytearray()
            answer = self._send(method, url, place, given, body.extend, login)
            whole = Answer(answer.status_code, answer.headers, bytes(body))
            try:
                return whole, whole.json()
            except ValueError:
                why = "answers with what is no JSON, or breaks off"
                raise Interruption(why, whole.status) from None

        return until_well(self.reach, once, place)

    def download(
        self,
        path: str,
        to: BinaryIO,
        *,
        most: int,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        check: Callable[[BinaryIO], None] = lambda _: None,
    ) -> None:
        """Write a large answer to a file, anew with each try; raises as ``ask`` does.

        ``most`` are the bytes it may have. ``check`` reads the file from its beginning
        and raises ValueError where it broke off.
        """
        url = self.address_of(path)
        place = urlsplit(url).path or "/"
        given = {"headers": headers, "params": params}

        def once() -> None:
            to.seek(0)
            to.truncate()
            self._send("GET", url, place, given, to.write, True, most)
            to.flush()
            to.seek(0)
            try:
                check(to)
            except ValueError:
                raise Interruption("answers with what breaks off", 200) from None
            to.seek(0)

        until_well(self.reach, once, place)

    def address_of(self, path: str, *, own: bool = True) -> str:
        """Return the whole address of a path; raises SetupError for another host.

        Not ``own``: the address stands in the mapping, such as that of tokens.
        """
        base = self.reach.address
        if "://" in path:
            url = path
        elif path.startswith("//"):
            url = f"{urlsplit(base).scheme}:{path}"
        else:
            url = f"{base}/{path.lstrip('/')}" if path else base
        if own and _origin(url) != _origin(base):
            host = urlsplit(url).hostname or ""
            raise redirected(self.reach.system, urlsplit(url).path, host)
        return url

    def page_address(self, link: str, page: str) -> str:
        """Return the address that a link to the next page means, on our host only.

        ``page`` is the path of the page it stood in.
        """
        aim = self._joined(self.address_of(page), link, page)
        base = urlsplit(self.reach.address)
        parts = urlsplit(aim)
        if (parts.scheme, base.scheme) == ("http", "https"):
            # Behind a gateway many a system believes that it is called by HTTP.
            aim = urlunsplit(parts._replace(scheme="https", netloc=base.netloc))
            if parts.hostname != base.hostname:
                aim = parts.geturl()
        return self.address_of(aim)

    # -- one try --------------------------------------------------------------------

    def _send(
        self,
        method: str,
        url: str,
        place: str,
        given: Mapping[str, Any],
        take: Callable[[bytes], object],
        login: bool,
        most: int = 0,
    ) -> httpx.Response:
        """Send, follow redirects, log in anew once; hand the body over piece by piece.

        Raises Interruption where it may be tried again.
        """
        renewed = False
        for _ in range(_MOST_REDIRECTS):
            own = dict(given["headers"] or {})
            if login:
                own |= self._login.headers(self)
            self.requests += 1
            request = self._request(method, url, place, {**given, "headers": own})
            try:
                answer = self._client.send(request, stream=True)
                try:
                    self._note_clock(answer)
                    status = answer.status_code
                    if status in _REDIRECTS and "location" in answer.headers:
                        aim = self._joined(url, answer.headers["location"], place)
                        if _origin(aim) != _origin(url):
                            host = urlsplit(aim).hostname or ""
                            raise redirected(self.reach.system, place, host)
                        url, given = aim, dict(given) | {"params": None}
                        continue
                    if status == 401 and login and not renewed and self._login.renew():
                        renewed = True
                        continue
                    if status in AGAIN:
                        why = "asks us to slow down" if status == 429 else "fails"
                        raise Interruption(why, status, retry_after(answer.headers))
                    if not 200 <= status < 300:
                        raise wrong_answer(self.reach.system, place, status)
                    self._read(answer, place, take, most or self.reach.largest)
                    return answer
                finally:
                    answer.close()
            except httpx.TimeoutException:
                raise Interruption("does not answer in time") from None
            except httpx.HTTPError as error:
                raise cut_off(self.reach.system, url, place, error) from None
        raise SetupError(f"{self.reach.system} sends us in a circle ({place}).")

    def _read(
        self,
        answer: httpx.Response,
        place: str,
        take: Callable[[bytes], object],
        most: int,
    ) -> None:
        size, until = 0, monotonic() + _LONGEST
        for piece in answer.iter_bytes(_PIECE):
            size += len(piece)
            if size > most:
                raise SetupError(
                    f"{self.reach.system} answers with over {most >> 20} MiB "
                    f"({place}): ask for fewer records at a time, or raise "
                    "largest_answer_mb."
                )
            take(piece)
            if monotonic() > until:
                raise Interruption("does not come to the end of its answer")

    def _request(
        self, method: str, url: str, place: str, given: Mapping[str, Any]
    ) -> httpx.Request:
        try:
            return self._client.build_request(method, url, **given)
        except (httpx.InvalidURL, UnicodeError):  # its text would quote what it is
            raise SetupError(
                f"{self.reach.system} cannot be asked ({place}): a secret, a header or "
                "the address has signs that HTTP does not take."
            ) from None

    def _joined(self, base: str, link: str, place: str) -> str:
        """Return the address that a link means; raises SetupError where it is none."""
        try:
            aim = urljoin(base, link)
            _ = urlsplit(aim).port
        except ValueError:
            raise SetupError(
                f"{self.reach.system} sends us to what is no address ({place})."
            ) from None
        return aim

    def _note_clock(self, answer: httpx.Response) -> None:
        told = http_date(answer.headers.get("date", ""))
        if told is not None:
            self.skew = told - datetime.datetime.now(datetime.UTC)


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    port = None
    with suppress(ValueError):
        port = parts.port
    usual = 443 if parts.scheme == "https" else 80
    return parts.scheme, (parts.hostname or "").lower(), port or usual
