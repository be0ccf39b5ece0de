"""The Flask application: the LRS, the reports' API and the manager's pages, wired.

A composition module: it may import every floor, and nothing imports it but wsgi.py
and the tests. Analytics is imported when the application is made, its heavy
libraries at their first use.
"""

from __future__ import annotations

import importlib.metadata
import time
from typing import Any

import structlog
from flask import Flask, Response, g
from pymongo.errors import PyMongoError
from werkzeug.exceptions import HTTPException

from lrs.errors import LrsError
from lrs.http import (
    about,
    activities,
    agents,
    alternate,
    cmi5_violations,
    cross_origin,
    documents,
    door,
    health,
    problems,
    signatures,
    statements,
    validation,
)
from lrs.http.api import RestApi, create_api
from lrs.http.statement_body import StatementBodies
from lrs.http.statement_parts import Limits
from lrs.services import Services
from lrs.store.mongo import as_problem
from lrs.xapi.versions import negotiate

_log = structlog.get_logger("lrs.app")


def create_app(services: Services) -> Flask:
    """Return the application over these services."""
    settings = services.settings
    app = Flask("lrs", static_folder=None)
    # An address is right or it is not there: nobody is sent on with a body in hand.
    app.url_map.merge_slashes = False
    app.config.update(
        SECRET_KEY=settings.session_secret(),
        MAX_CONTENT_LENGTH=settings.max_request_bytes,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https:"),
    )
    default = settings.default_xapi_version
    door.install(
        app,
        services.credentials,
        negotiate(default) if default else None,
        services.rates,
    )
    cross_origin.install(app, settings.cors_origins)
    alternate.install(app, limit=settings.max_request_bytes)
    resource = statements.StatementResource(
        services.recording,
        services.retrieval,
        services.timeline,
        StatementBodies(
            services.attachments,
            Limits(
                settings.max_request_bytes,
                settings.max_statements,
                settings.max_attachment_bytes,
            ),
        ),
        services.attachments,
        max_page=settings.max_page,
    )
    release = importlib.metadata.version("workforce-lrs")
    app.register_blueprint(statements.blueprint(resource), url_prefix="/xapi")
    app.register_blueprint(about.blueprint(release), url_prefix="/xapi")
    app.register_blueprint(
        activities.blueprint(services.activities), url_prefix="/xapi"
    )
    app.register_blueprint(agents.blueprint(services.agents), url_prefix="/xapi")
    app.register_blueprint(
        documents.blueprint(services.documents, max_bytes=settings.max_document_bytes),
        url_prefix="/xapi",
    )
    api = create_api(app, release, services.credentials, services.rates)
    api.register_blueprint(
        validation.blueprint(
            max_request_bytes=settings.max_request_bytes,
            max_statements=settings.max_statements,
        )
    )
    api.register_blueprint(
        cmi5_violations.blueprint(services.cmi5_violations, max_page=settings.max_page)
    )
    api.register_blueprint(signatures.blueprint(services.retrieval))
    _add_analytics(app, api, services)
    _handle_errors(app)  # last: the API library sets handlers of its own
    return app


def _add_analytics(app: Flask, api: RestApi, services: Services) -> None:
    from analytics.web import api as reports_api
    from analytics.web.pages import create_pages

    analytics = services.analytics()
    reports_api.install(app, api, analytics.reports)
    app.register_blueprint(create_pages(analytics.reports, services.accounts))
    app.register_blueprint(
        health.blueprint(
            {
                "mongodb": lambda: _mongodb(services),
                "lake": analytics.lake_health,
                "enrichment": analytics.enrichment_health,
            }
        )
    )


def _mongodb(services: Services) -> tuple[bool, dict[str, object]]:
    started = time.perf_counter()
    try:
        services.database.command("ping")
    except PyMongoError as error:
        return False, {"reason": type(error).__name__}
    return True, {"ms": round((time.perf_counter() - started) * 1000, 1)}


def _handle_errors(app: Flask) -> None:
    @app.errorhandler(LrsError)
    def ours(error: LrsError) -> Response:
        return problems.problem(error)

    @app.errorhandler(PyMongoError)
    def of_database(error: PyMongoError) -> Response:
        _log.warning("database", id=g.get("request_id"), error=type(error).__name__)
        return problems.problem(as_problem(error))

    @app.errorhandler(HTTPException)
    def of_flask(error: HTTPException) -> Any:
        if error.code is not None and error.code < 400:
            return error
        return problems.http_problem(error)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        # The type and the place, not the message: that could hold content.
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        _log.error(
            "fault",
            id=g.get("request_id"),
            error=type(error).__name__,
            file=place.tb_frame.f_code.co_filename if place else None,
            line=place.tb_lineno if place else None,
        )
        return problems.internal_problem()
