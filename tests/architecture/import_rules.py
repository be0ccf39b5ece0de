"""The floor plan as tables, and the checker that reads a module against them.

Every ``import`` is read by ``ast``, those inside functions and under TYPE_CHECKING
too. A table says what a part may take of our own packages, another where a library of
the outside may be used, a third who may touch the environment.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MIDDLE = (
    *("access", "errors", "feed", "preparation", "recording", "retrieval"),
    "group_commit",
    *("transfer", "statement_files", "records", "validation"),
    *("documents", "document_store", "preconditions", "attachments"),
    *("activities", "agents", "definitions", "definition_store"),
    *("definition_memory", "second_look"),
    *("tenants", "cmi5_violations", "rates", "readiness", "originals"),
)
MIDDLE_MODULES = tuple(f"lrs.{name}" for name in MIDDLE)
COMPOSITION = tuple(
    f"lrs.{name}"
    for name in (
        *("app", "services", "cli", "demo", "worker", "syncs", "preparing", "metrics"),
        "__main__",
    )
)
# What is said, logged and started: no floor of their own, and nothing of ours in them.
AROUND = ("lrs.logs", "lrs.terminal", "lrs.processes")
OURS = ("lrs", "analytics", "config", "wsgi")

# part: what of our own it may import beside itself; the longest that fits decides. A
# module of lrs that stands in no part is refused: give it a floor first.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "lrs.xapi": (),
    "lrs.cmi5": ("lrs.xapi",),
    **dict.fromkeys(MIDDLE_MODULES, ("lrs.xapi", "lrs.cmi5", *MIDDLE_MODULES)),
    "lrs.http": ("lrs.xapi", *MIDDLE_MODULES),
    "lrs.store": ("lrs.xapi", *MIDDLE_MODULES, "lrs.processes"),
    **dict.fromkeys(COMPOSITION, OURS),
    **dict.fromkeys(AROUND, ()),
    "analytics": ("lrs.feed", "lrs.access", "lrs.errors", "lrs.xapi"),
    # The frame of /api/v1 is one: the reports stand in it beside the LRS' routes.
    "analytics.web": (
        *("analytics", "lrs.feed", "lrs.access", "lrs.errors", "lrs.xapi"),
        "lrs.http.api",
        # Bodies of SCIM are read within limits, like those of everybody.
        "lrs.http.body",
    ),
    # What an auditor asks for holds the Statements themselves, and what was attached.
    "analytics.audit": (
        *("analytics", "lrs.feed", "lrs.access", "lrs.errors", "lrs.xapi"),
        *("lrs.originals", "lrs.attachments"),
    ),
    "config": ("lrs.errors",),
    "config.gunicorn": ("config.settings", "lrs.http.server", "wsgi"),
    "wsgi": OURS,
}

# library: the only parts that may import it
ONLY_IN: dict[str, tuple[str, ...]] = {
    "flask": ("lrs.http", "lrs.app", "analytics.web", "wsgi"),
    "flask_smorest": ("lrs.http", "lrs.app", "analytics.web", "wsgi"),
    "flask_wtf": ("analytics.web",),
    "flask_cors": ("lrs.http",),
    "limits": ("lrs.store",),
    "python_multipart": ("lrs.http.multipart",),
    # The log-in that signs what it asks a token with (JWT bearer).
    "joserfc": ("lrs.xapi", "analytics.workforce.connectors.login"),
    "cryptography": ("lrs.xapi",),
    "werkzeug": ("lrs.http", "lrs.app", "lrs.store", "analytics.web", "wsgi"),
    "marshmallow": ("lrs.http", "analytics.web"),
    "pymongo": (
        "lrs.store",
        *COMPOSITION,
        # The workforce ledger, decisions about identity and the record of passes are
        # stores of analytics.
        "analytics.workforce",
        "analytics.enrichment.runs",
        "analytics.identity.decisions",
        "analytics.services",
        "analytics.health",
        "analytics.metrics",
    ),
    # Metrics are made by who knows the facts, and written by the door.
    "prometheus_client": ("lrs.http.metrics", "lrs.metrics", "analytics.metrics"),
    "gunicorn": ("lrs.cli", "lrs.http.server", "config.gunicorn"),
    "duckdb": (
        *("analytics.lake", "analytics.reports", "analytics.enrichment"),
        "analytics.workforce.history",  # derived by the same .sql as the reports
    ),
    "deltalake": ("analytics.lake", "analytics.reports", "analytics.enrichment"),
    # What a mapping file may say; everybody else asks the mapping.
    "re2": ("analytics.workforce.mapping",),
    "cronsim": ("analytics.workforce.mapping",),
    "plotly": ("analytics.charts",),
    "xlsxwriter": ("analytics.workbooks",),
    "statsmodels": ("analytics.effects",),
    # Who speaks to servers of others, and tries again, is a source of HR data.
    # SCIM is spoken in one room.
    **dict.fromkeys(("scim2_models", "pydantic"), ("analytics.workforce.scim",)),
    "paramiko": ("analytics.workforce.sources",),
    "tenacity": ("analytics.workforce.sources", "analytics.workforce.connectors"),
    "httpx": ("analytics.workforce.connectors", "lrs.demo"),
}
# Of werkzeug a store may only take the hashing of passwords.
WERKZEUG_OF_STORES = "werkzeug.security"

# What a web request is called; its environ is what the server says of it.
REQUESTS = ("request", "asked")
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
MAY_USE_ENVIRONMENT = {
    "read": ("config.settings",),
    "write": ("lrs.cli",),
    # Hands all of it to the process that keeps mongod, and looks at nothing in it.
    "pass on": ("lrs.store.embedded",),
}


@dataclass(frozen=True)
class Import:
    """One imported module, as a dotted name, and where it stands."""

    importer: str
    imported: str
    line: int


def name_of(path: Path, root: Path) -> str:
    """Return the dotted name of a module; a package is named without __init__."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def within(module: str, part: str) -> bool:
    return module == part or module.startswith(f"{part}.")


def imports(importer: str, source: str, *, package: bool = False) -> Iterator[Import]:
    """Yield every import of a module, relative ones resolved.

    ``from a import b`` counts as a.b: b may be a module.
    """
    here = importer.split(".")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(importer, alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            up = node.level - (1 if package else 0)
            base = here[: len(here) - up] if node.level else []
            target = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield Import(importer, f"{target}.{alias.name}", node.lineno)


def part_of(module: str) -> str | None:
    """Return the part of the table that a module belongs to: the longest that fits."""
    fitting = [part for part in MAY_IMPORT if within(module, part)]
    return max(fitting, key=len, default=None)


def wrong_import(found: Import) -> str | None:
    """Return what is wrong with an import, or None."""
    where = f"{found.importer}:{found.line} imports {found.imported}"
    if found.imported.split(".")[0] in OURS:
        part = part_of(found.importer)
        if part is None:
            return f"{where}: {found.importer} stands in no part of the table"
        allowed = MAY_IMPORT[part]
        if not any(within(found.imported, item) for item in (part, *allowed)):
            return f"{where}: {part} may import only {', '.join(allowed) or 'none'}"
        return None
    for library, parts in ONLY_IN.items():
        if within(found.imported, library):
            if not any(within(found.importer, part) for part in parts):
                return f"{where}: {library} is for {', '.join(parts)}"
            of_store = library == "werkzeug" and within(found.importer, "lrs.store")
            if of_store and not within(found.imported, WERKZEUG_OF_STORES):
                return f"{where}: a store takes only {WERKZEUG_OF_STORES} of it"
    return None


def environment_uses(source: str) -> Iterator[tuple[int, str]]:
    """Yield where a module touches the environment: the line, and what for.

    ``write``: sets one variable; ``pass on``: copies all of it, ``{**os.environ}``;
    ``read``: everything else.
    """
    tree = ast.parse(source)
    written: set[int] = set()
    passed_on: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            written |= {
                id(target.value)
                for target in node.targets
                if isinstance(target, ast.Subscript)
            }
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            passed_on |= {id(value) for key, value in pairs if key is None}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT:
            if isinstance(node.value, ast.Name) and node.value.id in REQUESTS:
                continue
            kind = "pass on" if id(node) in passed_on else "read"
            yield node.lineno, "write" if id(node) in written else kind
        elif (
            isinstance(node, ast.ImportFrom)
            and node.module == "os"
            and any(alias.name in ENVIRONMENT for alias in node.names)
        ):
            yield node.lineno, "read"


def violations(name: str, source: str, *, package: bool = False) -> list[str]:
    """Return everything that one module does against the rules."""
    found = [
        said
        for item in imports(name, source, package=package)
        if (said := wrong_import(item))
    ]
    for line, use in environment_uses(source):
        if not any(within(name, part) for part in MAY_USE_ENVIRONMENT[use]):
            found.append(f"{name}:{line} {use}: the environment is config.settings'")
    return found
