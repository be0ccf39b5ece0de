"""The S3 of moto as a WSGI application, for gunicorn: one process has all buckets."""

from __future__ import annotations

from moto.moto_server.werkzeug_app import create_backend_app

application = create_backend_app("s3")
