"""Structured logs: one JSON object a line on standard error.

What goes in is chosen by the caller, field by field; nothing here adds a request's
parameters, bodies or headers. The lines of requests are written a moment later than
the rest, many at a time: each write lets all other threads pass before it returns.
"""

from __future__ import annotations

import atexit
import datetime
import logging
import sys
import threading

import orjson
import structlog

_GATHERED_SECONDS = 0.2
_LINE = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z


class RequestLog:
    """One line of JSON for each request."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._lock = threading.Lock()
        self._some = threading.Event()
        self._writes = False
        self.on = False  # until logs are configured

    def write(self, **fields: object) -> None:
        """Write a line with these fields, a level and a time."""
        if not self.on:
            return
        now = datetime.datetime.now(datetime.UTC)
        line = {**fields, "event": "request", "level": "info", "timestamp": now}
        self._lines.append(orjson.dumps(line, option=_LINE))
        if not self._writes:
            self._begin()
        if not self._some.is_set():
            self._some.set()

    def flush(self) -> None:
        """Write what has gathered."""
        with self._lock:
            lines, self._lines = self._lines, []
            if lines:
                sys.stderr.buffer.write(b"".join(lines))
                sys.stderr.buffer.flush()

    def _begin(self) -> None:
        with self._lock:
            if self._writes:
                return
            self._writes = True
        atexit.register(self.flush)
        threading.Thread(target=self._go_on, name="requests", daemon=True).start()

    def _go_on(self) -> None:
        while True:
            self._some.wait()
            threading.Event().wait(_GATHERED_SECONDS)
            self._some.clear()
            self.flush()


REQUESTS = RequestLog()


def configure(level: str) -> None:
    """Send structlog's and the libraries' records to standard error as JSON."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    REQUESTS.on = threshold <= logging.INFO
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    # Libraries may put what they work on into a record; only their warnings pass.
    root.setLevel(max(threshold, logging.WARNING))
