"""What is promised in writing: settings, commands, reports, exit statuses.

The settings are those that config/settings.py asks its environment for, seen by giving
it one that takes notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest

from analytics.lake.tables import TABLES
from analytics.reports.catalogue import SOURCES, models, questions, steps
from analytics.reports.session import REQUIREMENTS, Asked, requirements_table
from analytics.workforce.model import TABLES as WORKFORCE_TABLES
from config import settings as configuration
from lrs.cli import cli, main
from tests.sql_reads import macros_of, read_by

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
EXAMPLE = ROOT / "config" / "example.env"
NAME = re.compile(r"\bLRS_[A-Z0-9_]+\b")
ROW = re.compile(r"^\| `(LRS_[A-Z0-9_]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
LINE = re.compile(r"^(?:# )?(LRS_[A-Z0-9_]+)=(.*)$", re.MULTILINE)


class NotingEnvironment(dict[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        self.asked.add(name)
        return default


def settings_read() -> set[str]:
    environment = NotingEnvironment()
    configuration.load(environment)
    return environment.asked


def table() -> dict[str, str]:
    """Return the default of each setting in the README's table."""
    return {name: default for name, default, _ in ROW.findall(README.read_text())}


def commands(
    group: click.Group, *path: str
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield (*path, name), command


COMMANDS = dict(commands(cli))
QUERIES = {**models(), **questions()}


# -- settings -----------------------------------------------------------------------


def test_every_setting_that_is_read_begins_with_lrs() -> None:
    assert len(settings_read()) > 15
    assert all(NAME.fullmatch(name) for name in settings_read())


def test_the_table_of_the_readme_has_every_setting_and_no_other() -> None:
    rows = [name for name, _, _ in ROW.findall(README.read_text())]
    assert sorted(rows) == sorted(settings_read())


def test_the_example_environment_has_every_setting_and_no_other() -> None:
    lines = [name for name, _ in LINE.findall(EXAMPLE.read_text())]
    assert sorted(lines) == sorted(settings_read())


@pytest.mark.parametrize("path", [README, EXAMPLE], ids=lambda path: path.name)
def test_a_text_names_no_setting_that_does_not_exist(path: Path) -> None:
    assert set(NAME.findall(path.read_text())) <= settings_read()


def test_the_example_can_be_used_as_it_is_with_every_line_in_force() -> None:
    given = {name: value.strip() for name, value in LINE.findall(EXAMPLE.read_text())}
    configuration.load(given)


def defaults(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the plain defaults: those that the table can state as a value."""
    found = configuration.load(environment)
    return {
        "LRS_DATABASE": found.database,
        "LRS_BIND": found.bind,
        "LRS_WORKERS": str(found.workers),
        "LRS_THREADS": str(found.threads),
        "LRS_PUBLIC_URL": found.public_url,
        "LRS_CMI5_MODE": found.cmi5_mode,
        "LRS_MAX_REQUEST_BYTES": str(found.max_request_bytes),
        "LRS_MAX_STATEMENTS": str(found.max_statements),
        "LRS_MAX_PAGE": str(found.max_page),
        "LRS_ENRICH_SECONDS": str(found.enrich_seconds),
        "LRS_LAKE_KEEP_DAYS": str(found.lake_keep_days),
        "LRS_LOG_LEVEL": found.log_level,
    }


def test_the_defaults_of_the_table_are_those_that_act() -> None:
    stated = table()
    for name, value in defaults({}).items():
        assert stated[name] == f"`{value}`", name


def test_the_values_of_the_example_are_the_defaults() -> None:
    given = dict(LINE.findall(EXAMPLE.read_text()))
    for name, value in defaults({}).items():
        assert given[name] == value, name


# -- commands -----------------------------------------------------------------------


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_a_command_has_help_with_an_example_that_calls_it(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*path, "--help") == 0
    out = capsys.readouterr().out
    example = re.search(r"Example: (.+)", " ".join(out.split()))
    assert example
    assert f"lrs {' '.join(path)}" in example[1]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_the_options_of_an_example_exist(path: tuple[str, ...]) -> None:
    command = COMMANDS[path]
    known = {name for item in command.params for name in item.opts}
    used = set(re.findall(r"(?<=\s)--?[a-z][a-z0-9-]*", command.epilog or ""))
    assert used <= known


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_a_command_says_in_a_sentence_what_it_does(path: tuple[str, ...]) -> None:
    said = (COMMANDS[path].help or "").split("\n\n")[0].strip()
    assert said.endswith(".")


def test_the_readme_names_every_command() -> None:
    text = README.read_text()
    for group, *rest in COMMANDS:
        row = next(
            line
            for line in text.splitlines()
            if re.match(rf"\| .*`lrs {group}\b", line)
        )
        assert all(name in row for name in rest), (group, *rest)


@pytest.mark.parametrize("kind", WORKFORCE_TABLES)
def test_the_columns_of_a_file_are_told_beside_the_mappings(kind: str) -> None:
    told = (ROOT / "config" / "hris" / "README.md").read_text().split("## A whole")[0]
    for column in WORKFORCE_TABLES[kind].columns:
        assert f"`{column.name}`" in told, column.name


# -- reports ------------------------------------------------------------------------


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_says_purpose_grain_and_what_it_reads(name: str) -> None:
    query = QUERIES[name]
    assert query.purpose
    assert query.grain.startswith("one row per ")
    assert bool(query.reads) != query.is_macro
    assert set(query.reads) <= SOURCES | set(models())
    assert steps(query) is not None


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_reads_what_it_says_and_nothing_else(name: str) -> None:
    found = read_by(QUERIES[name].sql)
    of_macro = {
        function: file.name
        for file in models().values()
        if file.is_macro
        for function in macros_of(file.sql)
    }
    # A name is given to query_table, or to a macro that hands it on.
    by_name = {text for to, text in found.given if to in {"query_table", *of_macro}}
    called = {of_macro[one] for one in found.functions & of_macro.keys()} - {name}
    assert found.tables | by_name | called == set(QUERIES[name].reads)


@pytest.mark.parametrize("name", questions())
def test_a_report_asks_its_purpose_as_a_question(name: str) -> None:
    assert questions()[name].purpose.endswith("?")


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_uses_only_parameters_that_there_are(name: str) -> None:
    assert QUERIES[name].parameters <= set(Asked.__dataclass_fields__)


def test_every_source_has_columns() -> None:
    assert set(TABLES) | {"requirements", "exemptions", "imports"} == SOURCES
    assert requirements_table([]).schema == REQUIREMENTS


def test_the_reports_of_the_catalogue_are_listed_with_a_sentence_each(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("reports") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(questions())
    assert all(line.endswith("?") for line in lines)


# -- exit statuses ------------------------------------------------------------------


def run(*arguments: str) -> int:
    """Run the program in this process and return its exit status."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["lrs", *arguments])
        try:
            main()
        except SystemExit as ended:
            return int(ended.code or 0)
        return 0


WRONG_USE = [
    ("report", "evidence", "--colour", "red"),
    ("report", "evidence", "--as-of", "31.03.2026"),
    ("report", "evidence", "--known-at", "noon"),
    ("report", "evidence", "--format", "docx"),
    ("report",),
    ("sample", "there", "--end", "tomorrow"),
    ("sample", "there", "--people", "many"),
    ("workforce", "import", "no-such-file.csv"),
    ("workforce", "import", "README.md", "--mapping", "no-such-file.toml"),
    ("kpi", "import", "config"),
    ("statements", "import", "no-such-file.ndjson"),
    ("credentials", "add"),
    ("tenants", "put"),
    ("tenants", "put", "acme", "--cmi5-mode", "strict"),
    ("tenants", "list", "acme"),
    ("serve", "--workers", "0"),
    ("enrich", "now"),
    ("dance",),
    ("credentials", "dance"),
]


@pytest.mark.parametrize("arguments", WRONG_USE, ids=" ".join)
def test_wrong_use_ends_with_2_and_a_sentence_on_standard_error(
    arguments: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    assert run(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    said = [line for line in err.splitlines() if line.startswith("Error: ")]
    assert len(said) == 1
    assert said[0].endswith((".", "?", ")", ":"))
    assert "Traceback" not in err


@pytest.mark.parametrize("option", ["--as-of", "--end"])
def test_a_wrong_day_is_told_with_the_option_it_stood_at(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ("report", "evidence") if option == "--as-of" else ("sample", "there")
    assert run(*command, option, "someday") == 2
    assert (
        f"Error: Invalid value for '{option}': a day looks" in capsys.readouterr().err
    )
