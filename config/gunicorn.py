"""The web server's settings, for ``lrs serve`` and ``gunicorn -c``.

Threads, since the driver blocks; jobs run in ``lrs worker``, never here. A worker that
is told to stop answers the requests that have come.
"""

from __future__ import annotations

import gc
from typing import Any

from config import settings
from lrs.http.server import Limits, Worker

_loaded = settings.load()

bind = _loaded.bind
workers = _loaded.workers
threads = _loaded.threads
worker_connections = _loaded.max_connections
worker_class = Worker.within(
    Limits(
        patience=_loaded.request_seconds,
        silence=_loaded.silence_seconds,
        longest=_loaded.max_request_bytes,
        # Beside the contents there are boundaries and headers of parts.
        longest_in_parts=_loaded.max_request_bytes + _loaded.max_attachment_bytes,
    )
)
timeout = 60
graceful_timeout = 30
keepalive = _loaded.idle_seconds
limit_request_line = 8190
# Whoever connects could else say under which path we stand, and so give us a fault.
forwarder_headers = ""
# Its warnings quote what it cannot read, and that may be content or a secret.
loglevel = "error"
proc_name = "workforce-lrs"
wsgi_app = "wsgi:app"
# Each worker connects for itself: MongoDB's driver must not be carried over a fork.
preload_app = False
# No other way to steer the server than signals.
control_socket_disable = True


def on_starting(_server: Any) -> None:
    """Load once what every worker runs: they share its memory, and start at once.

    ``wsgi`` connects to nothing until a worker asks for its ``app``.
    """
    import wsgi  # noqa: F401 - what it imports is what is wanted

    gc.collect()
    gc.freeze()  # nor does a search for garbage write into what is shared
