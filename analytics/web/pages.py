"""The manager's pages as one blueprint.

``create_pages(reports, accounts, has_left, is_closed)`` is all that the app needs. The
app brings the secret key and the session cookie's flags: HttpOnly, SameSite=Lax, Secure
where the public URL is https. A session ends with the browser.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, g, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from analytics.charts.palette import STATUSES
from analytics.charts.plotly_js import GLOBAL_STYLE_ID, plotly_js
from analytics.web import wording
from analytics.web.effect import add_effect
from analytics.web.people import add_people
from analytics.web.reports import add_reports, titled, written
from analytics.web.security import add_headers
from analytics.web.services import AccountService, HasLeft, ReportService, nobody
from analytics.web.sign_in import LogoutForm, add_sign_in
from analytics.web.units import add_units
from analytics.web.visit import link
from lrs.errors import Forbidden, LrsError, NotFound

_YEAR = 365 * 24 * 3600


def create_pages(
    reports: ReportService,
    accounts: AccountService,
    has_left: HasLeft,
    is_closed: HasLeft = nobody,
) -> Blueprint:
    """Return the blueprint ``pages``: /, /login, /units, /people, /reports, ..."""
    pages = Blueprint(
        "pages",
        __name__,
        static_folder="static",
        static_url_path="/assets",
        template_folder="templates",
    )
    pages.after_request(add_headers)
    pages.context_processor(_context)
    filters = {**wording.FILTERS, "titled": titled, "written": written}
    for name, act in filters.items():
        pages.add_app_template_filter(act, name)
    add_sign_in(pages, reports, accounts, has_left, is_closed)
    add_units(pages)
    add_people(pages)
    add_effect(pages)
    add_reports(pages)
    pages.add_url_rule(
        "/assets/plotly-<version>.min.js", "plotly_script", _plotly_script
    )
    pages.register_error_handler(LrsError, _our_error)
    pages.register_error_handler(HTTPException, _http_error)
    return pages


def _context() -> dict[str, object]:
    visit = g.get("visit")
    return {
        "visit": visit,
        "meta": visit.meta if visit else None,
        "link": link,
        "span": wording.span,
        "age": wording.age,
        "statuses": STATUSES,
        "logout_form": LogoutForm() if visit else None,
        "plotly_style_id": GLOBAL_STYLE_ID,
        "plotly": plotly_js,
    }


def _plotly_script(version: str) -> Response:
    """Serve plotly.js; its address changes with its content, so caches may keep it."""
    script = plotly_js()
    if version != script.version:
        return _page(HTTPStatus.NOT_FOUND, "This version of the script is not here.")
    gzip = request.accept_encodings.quality("gzip") > 0
    response = Response(
        script.compressed if gzip else script.plain(),
        content_type="text/javascript; charset=utf-8",
    )
    if gzip:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    return response


def _our_error(error: LrsError) -> Response:
    """Return one and the same page for what is foreign and what does not exist."""
    if isinstance(error, (Forbidden, NotFound)):
        return _page(
            HTTPStatus.FORBIDDEN,
            "There is no such unit or person in your area on this day.",
        )
    status = HTTPStatus(error.status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _page(status, "Please try again in a moment.")
    return _page(status, error.message)


def _http_error(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return make_response(error.get_response())
    return _page(HTTPStatus(error.code), error.description or "")


def _page(status: HTTPStatus, said: str) -> Response:
    return make_response(
        render_template("pages/error.html", status=status, said=said), status
    )
