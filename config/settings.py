"""The settings: the only place that reads the environment.

Every variable begins with ``LRS_``. README.md and config/example.env list them all;
a test keeps the three together.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lrs.errors import SetupError

HERE = Path(__file__).parent
XAPI_VERSIONS = ("1.0.3", "2.0.0")
HRIS_SECRETS = (  # as analytics.workforce.sources.secrets has them, too
    *("password", "passphrase", "client_secret", "api_key", "token"),
    *("refresh_token", "assertion", "proxy_password"),
)
CMI5_MODES = ("off", "warn", "enforce")
_ADDRESS = re.compile(
    r"https?://[^\s/?#<>\"{}|\\^`]+(?:/[^\s?#<>\"{}|\\^`]*)?"
).fullmatch
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?").fullmatch


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be set from outside, checked and typed.

    Sizes are bytes, times seconds. ``mongodb_uri`` None means: start the embedded
    MongoDB under ``data_dir``.
    """

    mongodb_uri: str | None
    database: str
    database_seconds: int
    database_pool: int
    write_concern: str
    data_dir: Path
    lake_url: str
    standings_bytes: int
    bind: str
    workers: int
    threads: int
    max_connections: int
    request_seconds: int
    silence_seconds: int
    idle_seconds: int
    secret_key: str | None
    public_url: str
    default_xapi_version: str | None
    cmi5_mode: str
    requirements_dir: Path
    effects_file: Path
    identity_file: Path
    hris_dir: Path
    max_request_bytes: int
    max_attachment_bytes: int
    max_statements: int
    max_page: int
    max_document_bytes: int
    rate_limit: str | None
    cors_origins: tuple[str, ...]
    trusted_certificates: Path | None
    metrics_token: str | None
    enrich_seconds: int
    former_manager_days: int
    lake_keep_days: int
    log_level: str

    @property
    def host_and_port(self) -> tuple[str, int]:
        """Return where the web server listens."""
        host, _, port = self.bind.rpartition(":")
        return host.strip("[]"), int(port)

    def session_secret(self) -> str:
        """Return the key that signs browser sessions.

        Where none is set, one is made once and kept under the data folder, readable
        by its owner only, so that sessions survive a restart.
        """
        if self.secret_key:
            return self.secret_key
        path = self.data_dir / "secret.key"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            # Written whole before it has its name: nobody reads half a key.
            made, draft = tempfile.mkstemp(dir=self.data_dir)  # readable by its owner
            with os.fdopen(made, "w") as file:
                file.write(secrets.token_urlsafe(48))
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
            os.unlink(draft)
        key = path.read_text().strip()
        if not key:
            raise SetupError(f"{path} is empty: delete it, or set LRS_SECRET_KEY.")
        return key


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings, or raise SetupError naming the variable and what it takes."""
    env = os.environ if environ is None else environ
    data_dir = Path(_text(env, "LRS_DATA_DIR", "./data")).expanduser().absolute()
    threads = _number(env, "LRS_THREADS", 8, least=1)
    return Settings(
        mongodb_uri=_text(env, "LRS_MONGODB_URI", "") or None,
        database=_text(env, "LRS_DATABASE", "lrs"),
        database_seconds=_number(env, "LRS_DATABASE_SECONDS", 20, least=1, most=300),
        # A thread has one connection at a time; some more are for what no thread asks.
        database_pool=_number(
            env, "LRS_DATABASE_POOL", 2 * threads + 8, least=threads + 2
        ),
        write_concern=_write_concern(env, "LRS_WRITE_CONCERN", "majority"),
        data_dir=data_dir,
        lake_url=_text(env, "LRS_LAKE_URL", "") or str(data_dir / "lake"),
        standings_bytes=_number(env, "LRS_STANDINGS_BYTES", 2 << 30, least=0),
        bind=_bind(env, "LRS_BIND", "127.0.0.1:8080"),
        workers=_number(env, "LRS_WORKERS", 2, least=1),
        threads=threads,
        max_connections=_number(env, "LRS_MAX_CONNECTIONS", 4096, least=64),
        request_seconds=_number(env, "LRS_REQUEST_SECONDS", 60, least=1),
        silence_seconds=_number(env, "LRS_SILENCE_SECONDS", 20, least=1),
        idle_seconds=_number(env, "LRS_IDLE_SECONDS", 15, least=1),
        secret_key=_text(env, "LRS_SECRET_KEY", "") or None,
        public_url=_address(env, "LRS_PUBLIC_URL", "http://localhost:8080"),
        default_xapi_version=_choice(env, "LRS_DEFAULT_XAPI_VERSION", "", XAPI_VERSIONS)
        or None,
        cmi5_mode=_choice(env, "LRS_CMI5_MODE", "warn", CMI5_MODES),
        requirements_dir=Path(
            _text(env, "LRS_REQUIREMENTS_DIR", str(HERE / "requirements"))
        ),
        effects_file=Path(_text(env, "LRS_EFFECTS_FILE", str(HERE / "effects.toml"))),
        hris_dir=Path(_text(env, "LRS_HRIS_DIR", str(HERE / "hris"))),
        identity_file=Path(
            _text(env, "LRS_IDENTITY_FILE", str(HERE / "identity.toml"))
        ),
        max_request_bytes=_number(env, "LRS_MAX_REQUEST_BYTES", 32 << 20, least=1024),
        max_attachment_bytes=_number(
            env, "LRS_MAX_ATTACHMENT_BYTES", 512 << 20, least=0
        ),
        max_statements=_number(env, "LRS_MAX_STATEMENTS", 10_000, least=1),
        max_page=_number(env, "LRS_MAX_PAGE", 500, least=1),
        # With its key a document must fit into one of MongoDB, of 16 MiB.
        max_document_bytes=_number(
            env, "LRS_MAX_DOCUMENT_BYTES", 8 << 20, least=1024, most=(15 << 20) - 1
        ),
        rate_limit=_text(env, "LRS_RATE_LIMIT", "") or None,
        cors_origins=_origins(env, "LRS_CORS_ORIGINS", "*"),
        trusted_certificates=_file(env, "LRS_TRUSTED_CERTIFICATES"),
        metrics_token=_text(env, "LRS_METRICS_TOKEN", "") or None,
        enrich_seconds=_number(env, "LRS_ENRICH_SECONDS", 10, least=1),
        former_manager_days=_number(env, "LRS_FORMER_MANAGER_DAYS", 0, 0, most=90),
        lake_keep_days=_number(env, "LRS_LAKE_KEEP_DAYS", 7, least=1, most=3650),
        log_level=_choice(
            env, "LRS_LOG_LEVEL", "info", ("debug", "info", "warning", "error")
        ),
    )


def hris_secrets(name: str, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the secrets of an HR source, by what they are called (HRIS_SECRETS).

    A ``password`` stands in ``LRS_HRIS_<NAME>_PASSWORD``: the name in capitals, ``_``
    for every other sign. What is unset is left out.
    """
    env = os.environ if environ is None else environ
    part = re.sub(r"[^A-Z0-9]", "_", name.upper())
    found = {key: env.get(f"LRS_HRIS_{part}_{key.upper()}", "") for key in HRIS_SECRETS}
    return {key: value for key, value in found.items() if value}


def _text(env: Mapping[str, str], name: str, default: str) -> str:
    return env.get(name, "").strip() or default


def _file(env: Mapping[str, str], name: str) -> Path | None:
    value = _text(env, name, "")
    return Path(value).expanduser() if value else None


def _number(
    env: Mapping[str, str],
    name: str,
    default: int,
    least: int,
    *,
    most: int | None = None,
) -> int:
    value = _text(env, name, str(default))
    if not value.isascii() or not value.isdigit() or int(value) < least:
        raise SetupError(f"{name} must be a whole number of at least {least}.")
    if most is not None and int(value) > most:
        raise SetupError(f"{name} must be a whole number of at most {most}.")
    return int(value)


def _choice(
    env: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]
) -> str:
    value = _text(env, name, default)
    if value and value not in choices:
        raise SetupError(f"{name} must be one of: {', '.join(choices)}.")
    return value


def _write_concern(env: Mapping[str, str], name: str, default: str) -> str:
    value = _text(env, name, default)
    if value != "majority" and not (value.isascii() and value.isdigit()):
        raise SetupError(f"{name} must be majority, or a number of members.")
    if value.isdigit() and int(value) < 2:
        raise SetupError(
            f"{name} must be majority or at least 2: what one member alone has "
            "acknowledged is lost when another takes its place."
        )
    return value


def _bind(env: Mapping[str, str], name: str, default: str) -> str:
    value = _text(env, name, default)
    host, colon, port = value.rpartition(":")
    if not (host and colon and port.isdigit() and int(port) < 65536):
        raise SetupError(f"{name} must be HOST:PORT, for example 0.0.0.0:8080.")
    return value


def _origins(env: Mapping[str, str], name: str, default: str) -> tuple[str, ...]:
    value = _text(env, name, default)
    if value == "none":
        return ()
    origins = tuple(value.split())
    if origins != ("*",) and not all(map(_ORIGIN, origins)):
        raise SetupError(
            f"{name} must be *, none, or origins such as https://courses.example.com "
            "with spaces between them."
        )
    return origins


def _address(env: Mapping[str, str], name: str, default: str) -> str:
    value = _text(env, name, default).rstrip("/")
    if not _ADDRESS(value):
        raise SetupError(f"{name} must be like https://lrs.example.com (it is an IRI).")
    return value
