"""Two sample companies: one of full size, made once, and a small one."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analytics.sample import SampleFiles, generate

END = date(2026, 11, 20)


@dataclass(frozen=True)
class Company:
    """The files as read back: rows by column, Statements in the order of sending."""

    files: SampleFiles
    workforce: list[dict[str, str]]
    kpi: list[dict[str, str]]
    exemptions: list[dict[str, str]]
    statements: list[dict[str, Any]]
    answers: dict[str, Any]
    end: date = END


def _read(files: SampleFiles) -> Company:
    def table(path: Path) -> list[dict[str, str]]:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    with gzip.open(files.statements) as file:
        statements = [json.loads(line) for line in file]
    return Company(
        files,
        table(files.workforce),
        table(files.kpi),
        table(files.exemptions),
        statements,
        json.loads(files.answers.read_text("utf-8")),
    )


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return _read(generate(tmp_path_factory.mktemp("company"), end=END))


@pytest.fixture(scope="session")
def small_company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    folder = tmp_path_factory.mktemp("small")
    return _read(generate(folder, end=END, people=60, statements=1500))


@pytest.fixture
def a_company(tmp_path: Path) -> Callable[..., SampleFiles]:
    def made(name: str, **sizes: Any) -> SampleFiles:
        given = {"end": END, "people": 60, "statements": 1500, **sizes}
        return generate(tmp_path / name, **given)

    return made
