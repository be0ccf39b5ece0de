"""The WSGI entry: settings -> services -> the Flask app (``gunicorn wsgi:app``)."""

from __future__ import annotations

import atexit

from flask import Flask

from config import settings
from lrs import logs
from lrs.app import create_app
from lrs.services import build


def make() -> Flask:
    """Return the application of one worker process."""
    loaded = settings.load()
    logs.configure(loaded.log_level)
    services = build(loaded)
    atexit.register(services.close)
    services.timeline.open()  # or the first Statement would wait for it
    return create_app(services)


def __getattr__(name: str) -> Flask:
    """Make ``app`` at its first use, in the worker: MongoDB is not fork-safe."""
    if name == "app":
        app = globals()["app"] = make()
        return app
    raise AttributeError(name)
