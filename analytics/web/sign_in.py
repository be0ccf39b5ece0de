"""Signing in and out, and who is signed in.

The answer to a failed sign-in is the same whatever failed. The session holds tenant
and e-mail only; the account is looked up again on every request. Who has left the
company, as HR says, comes in no more: asked at sign-in and every ten minutes from then.
Nor does whom an identity provider has deactivated: asked on every request.
"""

from __future__ import annotations

from time import time

from flask import (
    Blueprint,
    Response,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
)
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import EmailField, PasswordField  # type: ignore[import-untyped]
from wtforms.validators import (  # type: ignore[import-untyped]
    InputRequired,
    Length,
)

from analytics.web.services import Account, AccountService, HasLeft, ReportService
from analytics.web.throttle import Throttle
from analytics.web.visit import Visit, asked_day, link

OPEN = {"pages.login", "pages.static", "pages.plotly_script"}
FAILED = "That e-mail and password did not work. After five tries, wait a minute."
_ASK_AGAIN = 600  # seconds
STALE = "This form was open for too long. Please try again."


class LoginForm(FlaskForm):  # type: ignore[misc]
    """E-mail and password."""

    email = EmailField("E-mail", [InputRequired(), Length(max=254)])
    password = PasswordField("Password", [InputRequired(), Length(max=1024)])


class LogoutForm(FlaskForm):  # type: ignore[misc]
    """Nothing but its token."""


def add_sign_in(
    pages: Blueprint,
    reports: ReportService,
    accounts: AccountService,
    has_left: HasLeft,
    is_closed: HasLeft,
) -> None:
    """Add /login and /logout, and the rule that all else needs an account."""
    throttle = Throttle()

    @pages.before_request
    def open_visit() -> AnyResponse | None:
        if request.endpoint in OPEN:
            return None
        account = _signed_in(accounts)
        if account is not None and is_closed(account.tenant, account.email):
            accounts.end_session(account, session["account"][2])
            account = None
        if account is not None and time() - session.get("asked", 0) > _ASK_AGAIN:
            if has_left(account.tenant, account.email):
                accounts.end_session(account, session["account"][2])
                account = None
            else:
                session["asked"] = int(time())
        if account is None:
            session.pop("account", None)
            if request.method == "GET":
                session["next"] = request.full_path.rstrip("?")
            return redirect(link("login"), 303)
        g.visit = Visit(account, None, reports)
        g.visit.as_of = asked_day()
        return None

    @pages.route("/login", methods=["GET", "POST"])
    def login() -> Response:
        form = LoginForm()
        if request.method == "GET":
            return _form(form, None, 200)
        if not form.validate():
            return _form(form, STALE if "csrf_token" in form.errors else FAILED, 400)
        wait = throttle.wait(form.email.data)
        if wait:
            response = _form(form, FAILED, 429)
            response.headers["Retry-After"] = str(wait)
            return response
        account = accounts.verify(form.email.data.strip(), form.password.data)
        if account is None or any(
            ended(account.tenant, account.email) for ended in (is_closed, has_left)
        ):
            return _form(form, FAILED, 403)
        throttle.succeeded(form.email.data)
        onward = _inside(session.get("next")) or link("home")
        session.clear()
        mark = accounts.begin_session(account)
        session["account"] = (account.tenant, account.email, mark)
        session["asked"] = int(time())
        return make_response(redirect(onward, 303))

    @pages.post("/logout")
    def logout() -> AnyResponse:
        if LogoutForm().validate():
            accounts.end_session(g.visit.account, session["account"][2])
            session.clear()
        return redirect(link("login" if "account" not in session else "home"), 303)


def _signed_in(accounts: AccountService) -> Account | None:
    """Return the account of the session, if it was not ended meanwhile."""
    who = session.get("account")
    if not who or len(who) != 3:
        return None
    account = accounts.find(who[0], who[1])
    return account if account is not None and who[2] in account.sessions else None


def _form(form: LoginForm, said: str | None, status: int) -> Response:
    return make_response(
        render_template("pages/login.html", form=form, said=said), status
    )


def _inside(path: object) -> str | None:
    """Return the path if it leads into these pages, never to another host."""
    ok = isinstance(path, str) and path.startswith("/") and path[1:2] not in ("/", "\\")
    return str(path) if ok else None
