"""GET /metrics: the Prometheus text format, made of what is collected at the scrape.

No process counts anything by itself, so each of them gives the same answer. What an
answer takes is bounded: it is made once in some seconds, by one thread at a time.
"""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from lrs.errors import Unauthorized

if TYPE_CHECKING:
    from prometheus_client.core import Metric

Collect = Callable[[], "Iterator[Metric]"]
_KEPT_SECONDS = 5.0  # an answer serves for so long ...
_SHARE = 20  # ... or so many times as long as it took to be made ...
_LONGEST_SECONDS = 30.0  # ... but no longer than this
_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def blueprint(collect: Collect, token: str | None) -> Blueprint:
    """Return /metrics; with ``token`` only for who sends it as a Bearer token."""
    routes = Blueprint("metrics", __name__)
    scrape = _Scrape(collect)

    @routes.get("/metrics")
    def metrics() -> Response:
        if token is not None:
            _check(token)
        return Response(
            scrape.text(),
            headers={"Cache-Control": "no-store"},
            content_type=_CONTENT_TYPE,
        )

    return routes


def _check(token: str) -> None:
    scheme, _, given = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    same = hmac.compare_digest(given.strip().encode(), token.encode())
    if scheme.lower() != "bearer" or not same:
        challenge = {"WWW-Authenticate": 'Bearer realm="metrics"'}
        raise Unauthorized("Send the token of LRS_METRICS_TOKEN.", headers=challenge)


class _Scrape:
    """The last answer, and when the next one is made."""

    def __init__(self, collect: Collect) -> None:
        self._collect = collect
        self._made: tuple[float, bytes] | None = None  # until when it serves, the text
        self._making = threading.Lock()

    def text(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        made = self._made
        if made and time.monotonic() < made[0]:
            return made[1]
        # Who comes while one is made has the one before; the first ones wait for it.
        if not self._making.acquire(blocking=made is None):
            return made[1] if made else b""
        try:
            return self._newest()
        finally:
            self._making.release()

    def _newest(self) -> bytes:
        # Imported at first use: a server that nobody scrapes has no need of it.
        from prometheus_client import CollectorRegistry, generate_latest

        began = time.monotonic()
        if self._made and began < self._made[0]:  # made by who came before
            return self._made[1]
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collector(self._collect))
        text = generate_latest(registry)
        ended = time.monotonic()
        kept = min(max(_KEPT_SECONDS, _SHARE * (ended - began)), _LONGEST_SECONDS)
        self._made = ended + kept, text
        return text


class _Collector:
    """What the library asks for metrics; asked at each scrape, never before."""

    def __init__(self, collect: Collect) -> None:
        self._collect = collect

    def describe(self) -> list[Metric]:
        """Describe nothing beforehand: the registry would collect to find it out."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the families."""
        return self._collect()
