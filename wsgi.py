"""The WSGI entry: settings -> services -> the Flask app (``gunicorn wsgi:app``)."""

from __future__ import annotations

import atexit
import gc

from flask import Flask

from config import settings
from lrs import logs
from lrs.app import create_app
from lrs.services import build

# How long the first answer waits for the database; a server without it answers too.
_WAIT_SECONDS = 5
# After how many new objects young garbage is looked for, then older, then all. Parsed
# batches are no garbage, and Python's own 700 look at them again and again.
_COLLECT = (20_000, 3, 3)


def make() -> Flask:
    """Return the application of one worker process.

    It becomes ready by itself when its database is there. Raises SetupError where
    that is there, and must be set up otherwise.
    """
    loaded = settings.load()
    logs.configure(loaded.log_level)
    services = build(loaded, patient=True)
    atexit.register(services.close)
    # Joining now: or the first Statement would wait for it.
    services.readiness.begin(services.join, wait=_WAIT_SECONDS)
    app = create_app(services)
    # What stands here stays: only what requests leave behind is looked at from now on.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT)
    return app


def __getattr__(name: str) -> Flask:
    """Make ``app`` at its first use, in the worker: MongoDB is not fork-safe."""
    if name == "app":
        app = globals()["app"] = make()
        return app
    raise AttributeError(name)
