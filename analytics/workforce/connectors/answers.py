"""Answers of a system that is asked: what is in them, and what is wrong with them.

In: status, headers and body of one answer. Out: an Answer, or the error that says what
somebody can do: SetupError where the set-up is wrong, Unavailable where a later try may
go well. No error holds what was sent, what came, or a secret: it names the system, the
path of the address, and the status.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx
import msgspec

from lrs.errors import LrsError, SetupError, Unavailable

AGAIN = (408, 425, 429, 500, 502, 503, 504)
_MEANS = {
    400: "does not understand the question: see to the fields, filters and keys in "
    "[source]",
    401: "refuses the log-in: see to the user or client in the mapping, and to its "
    "secret (it may have ended)",
    403: "does not let this user read it: give it the right in the system",
    404: "has nothing there: see to address, company and path in [source]",
    410: "has nothing there any more",
    413: "finds the question too large: ask for fewer records a page",
    414: "finds the question too long: ask for fewer fields",
}
# Numbers with a fraction stay as they are written: 1.10 is no 1.1 where it is a code.
_decode = msgspec.json.Decoder(float_hook=str).decode
_HIGHEST = 86_400.0  # seconds of a Retry-After that are believed


class Interruption(Exception):
    """An answer that a later try may better; ``after`` seconds, where it says so."""

    def __init__(self, why: str, status: int = 0, after: float | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.status = status
        self.after = after


class Gone(SetupError):
    """The system has nothing at this address (404, 410), or took a cursor no more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer of status 2xx."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> object:
        """Return the decoded body; None of an empty one (204). Raises ValueError."""
        if not self.body.strip():
            return None
        return decoded(self.body)


def decoded(body: bytes) -> object:
    """Return JSON as Python has it, fractions as text; raises ValueError."""
    try:
        found: object = _decode(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return found


def wrong_answer(system: str, path: str, status: int) -> LrsError:
    """Return the error for a status that no later try will better."""
    means = _MEANS.get(status, "answers with a status that is not expected")
    kind: type[LrsError] = Gone if status in (404, 410) else SetupError
    if status >= 500:
        kind = Unavailable
    return kind(f"{system} {means} ({path}, status {status}).")


def redirected(system: str, path: str, host: str) -> SetupError:
    """Return the error for a redirect that leads elsewhere."""
    return SetupError(
        f"{system} sends us on to another host, {host[:100]!r} ({path}). No credential "
        "goes there: if that is where it stands now, set it as address in [source]."
    )


def given_up(system: str, path: str, last: Interruption, tries: int) -> Unavailable:
    """Return the error for an address that did not answer in all tries."""
    status = f", status {last.status}" if last.status else ""
    times = "once" if tries == 1 else f"{tries} times"
    return Unavailable(
        f"{system} {last.why} ({path}{status}); tried {times}. Nothing was taken; the "
        "next sync begins where this one did."
    )


def cut_off(system: str, url: str, place: str, error: httpx.HTTPError) -> Exception:
    """Return what a failure below HTTP means; the library's text may hold anything."""
    reasons = []
    cause: BaseException | None = error
    while cause is not None:
        reasons.append(f"{type(cause).__name__} {cause}")
        cause = cause.__cause__ or cause.__context__
    told = " ".join(reasons)
    if "CERTIFICATE_VERIFY_FAILED" in told:
        return SetupError(
            f"{system}: the certificate of {urlsplit(url).hostname} is "
            "not trusted. Where the company signs its own, name its authority as "
            "ca_file in [source]."
        )
    if isinstance(error, httpx.ProxyError):
        return Interruption("cannot be reached through the proxy")
    if isinstance(error, httpx.ConnectError):
        return Interruption(f"cannot be reached at {urlsplit(url).hostname}")
    if isinstance(error, httpx.UnsupportedProtocol):
        return wrong_answer(system, place, 400)
    return Interruption("breaks off in the middle")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that Retry-After asks for: a number, or an HTTP date."""
    told = headers.get("retry-after", "").strip()
    if not told:
        return None
    if told.isascii() and told.isdigit():
        return min(float(told[:9]), _HIGHEST)
    moment = http_date(told)
    if moment is None:
        return None
    now = http_date(headers.get("date", "")) or datetime.datetime.now(datetime.UTC)
    return min(max((moment - now).total_seconds(), 0.0), _HIGHEST)


def http_date(told: str) -> datetime.datetime | None:
    """Return the moment of an HTTP date, None where it is none."""
    try:
        found = parsedate_to_datetime(told)
    except (TypeError, ValueError, IndexError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)
