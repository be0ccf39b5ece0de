"""The web server's settings, for ``lrs serve`` and ``gunicorn -c``.

Threads, since the driver blocks; jobs run in ``lrs worker``, never here. A worker that
is told to stop finishes the requests it has begun.
"""

from __future__ import annotations

from config import settings

_loaded = settings.load()

bind = _loaded.bind
workers = _loaded.workers
threads = _loaded.threads
worker_class = "lrs.http.server.Worker"
timeout = 60
graceful_timeout = 30
keepalive = 15
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
