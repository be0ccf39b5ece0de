"""Who may import whom: the floor plan, kept by tables over the imports.

The tables and the checker stand in import_rules.py; the checker itself is shown here
to fail on planted violations.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.import_rules import (
    MAY_IMPORT,
    ONLY_IN,
    imports,
    name_of,
    violations,
    within,
)

ROOT = Path(__file__).parents[2]
PRODUCT = ("lrs", "analytics", "config", "wsgi.py")
MAX_LINES = 300
MAX_LINES_OF_TESTS = 420  # tables of cases are long


def modules() -> list[Path]:
    found: list[Path] = []
    for top in PRODUCT:
        path = ROOT / top
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    return found


MODULES = modules()


def test_every_part_of_the_product_was_found() -> None:
    names = {name_of(path, ROOT) for path in MODULES}
    assert len(names) > 100
    for part in (*MAY_IMPORT, *(item for parts in ONLY_IN.values() for item in parts)):
        assert any(within(name, part) for name in names), part


@pytest.mark.parametrize("path", MODULES, ids=lambda path: name_of(path, ROOT))
def test_module_imports_only_what_its_floor_may(path: Path) -> None:
    package = path.name == "__init__.py"
    assert violations(name_of(path, ROOT), path.read_text(), package=package) == []


def lines_of(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_no_python_module_is_longer_than_300_lines() -> None:
    names = {str(path.relative_to(ROOT)): lines_of(path) for path in MODULES}
    long = {name: lines for name, lines in names.items() if lines > MAX_LINES}
    assert long == {}


def test_no_file_of_tests_is_longer_than_420_lines() -> None:
    tests = sorted((ROOT / "tests").rglob("*.py"))
    assert [path for path in tests if lines_of(path) > MAX_LINES_OF_TESTS] == []


PLANTED = [
    ("lrs.xapi.verb", "from lrs.errors import BadRequest"),
    ("lrs.xapi.verb", "import lrs.cmi5.rules"),
    ("lrs.cmi5.rules", "from lrs.recording import Recording"),
    ("lrs.recording", "from lrs.store.statements import MongoStatements"),
    ("lrs.retrieval", "from lrs import http"),
    ("lrs.feed", "from pymongo.database import Database"),
    ("lrs.access", "import flask"),
    ("lrs.errors", "from flask import Response"),
    ("lrs.recording", "import lrs.services"),
    ("lrs.recording", "from analytics.identity import actor_id"),
    ("lrs.recording", "def late():\n    from analytics import identity"),
    ("lrs.http.statements", "from lrs.store import mongo"),
    ("lrs.http.statements", "from pymongo import MongoClient"),
    ("lrs.http.statements", "from lrs.cmi5 import rules"),
    ("lrs.store.feed", "from flask import g"),
    ("lrs.store.feed", "from werkzeug.exceptions import NotFound"),
    ("lrs.store.feed", "from lrs.http import problems"),
    ("lrs.store.feed", "from ..http import problems"),
    ("lrs.store.feed", "from config.settings import Settings"),
    ("lrs.logs", "from lrs.services import Services"),
    ("lrs.newcomer", "from lrs.errors import LrsError"),
    ("analytics.identity", "from lrs.store.statements import MongoStatements"),
    ("analytics.identity", "from lrs.services import Services"),
    ("analytics.identity", "from config.settings import Settings"),
    ("analytics.lake.lake", "import flask"),
    ("analytics.web.pages", "import duckdb"),
    ("analytics.cli", "import deltalake"),
    ("analytics.reports.reports", "import plotly.graph_objects as go"),
    ("analytics.reports.effect", "from statsmodels import api"),
    ("analytics.reports.reports", "from pymongo import MongoClient"),
    ("analytics.charts.palette", "import os\nHOME = os.environ['HOME']"),
    ("lrs.demo", "import os\nos.environ['LRS_BIND'] = 'x'"),
    ("lrs.cli", "import os\nBIND = os.environ['LRS_BIND']"),
    ("lrs.cli", "import os\nBIND = os.getenv('LRS_BIND')"),
    ("lrs.store.mongo", "from os import environ"),
    ("lrs.store.mongo", "import os\nENV = {**os.environ}"),
]


@pytest.mark.parametrize(("module", "source"), PLANTED)
def test_the_checker_reports_a_planted_violation(module: str, source: str) -> None:
    assert len(violations(module, source)) == 1


ALLOWED = [
    ("lrs.xapi.verb", "from lrs.xapi.checks import text\nimport re"),
    ("lrs.cmi5.rules", "from lrs.xapi import verb"),
    ("lrs.recording", "from lrs.access import Principal\nfrom lrs.xapi import text"),
    ("lrs.http.door", "import flask\nfrom lrs.errors import BadRequest"),
    ("lrs.http.door", "from flask import request\nGIVEN = request.environ['x']"),
    ("lrs.store.feed", "import pymongo\nfrom werkzeug.security import gen_salt"),
    ("lrs.app", "import flask\nfrom analytics.web import pages"),
    ("lrs.cli", "import os\nos.environ['LRS_BIND'] = 'x'"),
    ("config.settings", "import os\nHOME = os.environ['HOME']"),
    ("analytics.web.pages", "import flask\nfrom lrs.errors import NotFound"),
    ("analytics.identity", "from analytics.lake import tables"),
]


@pytest.mark.parametrize(("module", "source"), ALLOWED)
def test_the_checker_lets_pass_what_is_allowed(module: str, source: str) -> None:
    assert violations(module, source) == []


def test_a_relative_import_is_resolved_from_module_and_from_package() -> None:
    of_module = imports("lrs.store.feed", "from . import mongo")
    of_package = imports("lrs.store", "from . import mongo", package=True)
    assert [item.imported for item in of_module] == ["lrs.store.mongo"]
    assert [item.imported for item in of_package] == ["lrs.store.mongo"]
