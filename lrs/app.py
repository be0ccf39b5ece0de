"""The Flask application: the LRS, the reports' API and the manager's pages, wired.

A composition module: it may import every floor, and nothing imports it but wsgi.py
and the tests. What reports and their pages are made with is loaded when the first is
asked for: a process that only takes Statements in has no need of it.
"""

from __future__ import annotations

import importlib.metadata
from typing import Any

import structlog
from flask import Flask, Response, g
from pymongo.errors import PyMongoError
from werkzeug.exceptions import HTTPException

from analytics.enrichment.runs import MongoRuns
from analytics.health import enrichment_health, lake_health, workforce_health
from analytics.web import api as reports_api
from analytics.web import scim
from analytics.web.first_use import ReportsAtFirstUse
from analytics.web.pages import create_pages
from analytics.workforce.scim.access import Closed
from analytics.workforce.walks import Walks
from lrs import logs
from lrs.access import Principal
from lrs.errors import LrsError
from lrs.http import (
    about,
    activities,
    agents,
    alternate,
    cmi5_violations,
    cross_origin,
    deadline,
    documents,
    door,
    health,
    metrics,
    problems,
    signatures,
    statements,
    validation,
)
from lrs.http.api import RestApi, create_api
from lrs.http.application import Application
from lrs.http.statement_body import StatementBodies
from lrs.http.statement_parts import Limits
from lrs.metrics import Metrics
from lrs.services import Services
from lrs.store.health import DatabaseHealth
from lrs.store.mongo import as_problem, within
from lrs.xapi.versions import negotiate

_log = structlog.get_logger("lrs.app")
_CHECK_SECONDS = 3  # that the database has for each check of a readiness probe


def create_app(services: Services) -> Flask:
    """Return the application over these services."""
    settings = services.settings
    app = Application("lrs", static_folder=None)
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
    verifier = _Verifier(services)
    door.install(
        app,
        verifier,
        negotiate(default) if default else None,
        services.rates,
        logs.REQUESTS,
        services.readiness.require,
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
    api = create_api(app, release)
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
    app.register_blueprint(
        metrics.blueprint(Metrics(services, release), settings.metrics_token)
    )
    _handle_errors(app)  # last: the API library sets handlers of its own
    deadline.install(app, lambda: within(settings.database_seconds))
    return app


class _Verifier:
    """The credentials, where the database is there; else what says so, at once."""

    def __init__(self, services: Services) -> None:
        self._credentials = services.credentials
        self._require = services.readiness.require

    def verify(self, key: str, secret: str) -> Principal | None:
        """Return who this is, or None; raises Unavailable without waiting."""
        self._require()
        return self._credentials.verify(key, secret)


def _bounded(check: health.Check) -> health.Check:
    def run() -> tuple[bool, dict[str, object]]:
        with within(_CHECK_SECONDS):
            return check()

    return run


def _add_analytics(app: Flask, api: RestApi, services: Services) -> None:
    reports = ReportsAtFirstUse(lambda: services.analytics().reports)
    reports_api.install(app, api, reports)

    def has_left(tenant: str, email: str) -> bool:
        return services.analytics().leavers.has_left(tenant, email)

    is_closed = Closed(services.database).is_closed
    app.register_blueprint(
        create_pages(reports, services.accounts, has_left, is_closed)
    )
    address = f"{services.settings.public_url}{scim.PREFIX}"

    def make_scim() -> scim.Users:
        from analytics.workforce.scim.service import Scim
        from analytics.workforce.scim.users import Users

        return Scim(Users(services.database), address)

    scim.install(app, make_scim, address)
    runs = MongoRuns(services.database)
    lake_url = services.settings.lake_url

    def enrichment() -> tuple[bool, dict[str, object]]:
        if services.readiness.reason():
            return False, {"reason": "It cannot be known without MongoDB."}
        return enrichment_health(runs)

    walks = Walks(services.database)

    def workforce() -> tuple[bool, dict[str, object]]:
        if services.readiness.reason():
            return False, {"reason": "It cannot be known without MongoDB."}
        return workforce_health(walks)

    app.register_blueprint(
        health.blueprint(
            {
                "mongodb": _bounded(
                    DatabaseHealth(
                        services.database,
                        services.readiness.reason,
                        services.settings.data_dir
                        if services.settings.mongodb_uri is None
                        else None,
                    )
                ),
                "lake": lambda: lake_health(lake_url),
                "enrichment": _bounded(enrichment),
                "workforce": _bounded(workforce),
            }
        )
    )


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
