"""@xapi/xapi and tincanjs under Node against the live server.

The scenarios stand in JavaScript beside this file, one function each; they are run once
for a client and judged here one by one.
"""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import KEY, SECRET

HERE = Path(__file__).parent
NODE = Path(sys.executable).with_name("node")
CLIENTS = ("xapi_js.mjs", "tincan_js.mjs")
_SCENARIO = re.compile(r'^  async (?:"([^"]+)"|(\w+))\(', re.MULTILINE)


def scenarios() -> list[tuple[str, str]]:
    return [
        (file, quoted or plain)
        for file in CLIENTS
        for quoted, plain in _SCENARIO.findall((HERE / file).read_text())
    ]


@functools.cache
def run(file: str, endpoint: str) -> dict[str, str | None]:
    done = subprocess.run(
        [NODE, HERE / "run.mjs", file, endpoint, KEY, SECRET],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str | None] = json.loads(done.stdout)
    return found


def test_every_scenario_is_found() -> None:
    assert len(scenarios()) >= 17


@pytest.mark.parametrize(("file", "scenario"), scenarios())
def test_javascript_client(
    endpoint: str, installed: Path, file: str, scenario: str
) -> None:
    results = run(file, endpoint)
    assert scenario in results
    assert results[scenario] is None, results[scenario]
