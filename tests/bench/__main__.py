"""The program ``python -m tests.bench``: speed, growth, enrichment, connectors...

Exit status: 0 measured; 1 a contender failed, or with --strict a target is missed;
2 wrong use. Tables go to standard output, everything else to standard error.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import click
import orjson
from rich.console import Console

from lrs import logs
from lrs.errors import LrsError
from lrs.terminal import console
from tests.bench import connectors, enrichment, growth, growth_report, report, speed
from tests.bench.choices import CONTENDERS, Listed, chosen, place
from tests.bench.errors import BenchError
from tests.bench.loads import BY_NAME, LOADS, STARVATION
from tests.bench.ralph import BACKENDS
from tests.bench.statements import BLOCK

_WIDTH = 120  # characters, also where there is no terminal
_ALL = ",".join([*(load.name for load in LOADS), STARVATION])


_output = click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write everything as JSON.",
)
_folder = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="An empty one for databases and logs, kept.  [default: a temporary one]",
)
_cache = click.option(
    "--cache-gb",
    type=click.FloatRange(0.25),
    default=4.0,
    show_default=True,
    help="Of each mongod.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def bench() -> None:
    """Benchmarks of Workforce LRS, on MongoDBs of their own."""


@bench.command(
    "speed",
    epilog="Example: python -m tests.bench speed --loads post50 --contenders "
    "ours,floor --rounds 3 --seconds 4",
)
@click.option(
    "--loads",
    type=Listed((*BY_NAME, STARVATION)),
    default=_ALL,
    show_default=True,
)
@click.option(
    "--contenders",
    type=Listed(CONTENDERS),
    default=",".join(CONTENDERS),
    show_default=True,
)
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
@click.option(
    "--seconds",
    type=click.FloatRange(0.5),
    default=6.0,
    show_default=True,
    help="Of each measured stretch.",
)
@click.option(
    "--warm-up",
    type=click.FloatRange(0),
    default=1.5,
    show_default=True,
    help="Seconds before each.",
)
@click.option(
    "--stored",
    type=click.IntRange(0),
    help="Statements in each store before.  [default: 200000 for loads that read, "
    "none for those that write]",
)
@click.option(
    "--ralph",
    "program",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The ralph of its virtual environment.  [default: from the PATH]",
)
@click.option(
    "--ralph-backend",
    type=click.Choice(BACKENDS),
    default=BACKENDS[0],
    show_default=True,
    help="Which of its MongoDB backends.",
)
@click.option("--strict", is_flag=True, help="Exit status 1 where a target is missed.")
@_cache
@_folder
@_output
def speed_command(
    loads: tuple[str, ...],
    contenders: tuple[str, ...],
    rounds: int,
    seconds: float,
    warm_up: float,
    stored: int | None,
    program: Path | None,
    ralph_backend: str,
    cache_gb: float,
    folder: Path | None,
    output: Path | None,
    *,
    strict: bool,
) -> None:
    """Drive contenders in turns under the same loads; print rates and ratios.

    ours is this project; floor a bare Flask endpoint with the same gunicorn, threads
    and indexes; ralph is Ralph from PyPI with indexes, where it is installed.
    """
    wanted = [load for load in LOADS if load.name in loads]
    reads = STARVATION in loads or any(load.reads for load in wanted)
    if stored == 0 and reads:
        raise click.UsageError("Loads that read need Statements: --stored.")
    plan = speed.Plan(
        loads=wanted,
        starvation=STARVATION in loads,
        rounds=rounds,
        seconds=seconds,
        warm_up=warm_up,
        stored=(200_000 if reads else 0) if stored is None else stored,
        cache_gb=cache_gb,
        stored_for_writes=stored or 0,
    )
    with place(folder) as at:
        found = speed.measure(plan, chosen(contenders, program, ralph_backend), at)
    report.show(found, Console(width=_WIDTH))
    if output:
        _write(output, report.as_json(found, plan))
    if strict and not all(item["met"] for item in report.verdicts(found)):
        sys.exit(1)


@bench.command(
    "growth",
    epilog="Example: python -m tests.bench growth --stored 100000 --first 20000",
)
@click.option(
    "--stored",
    type=click.IntRange(BLOCK),
    default=5_000_000,
    show_default=True,
    help="Statements in the large store.",
)
@click.option(
    "--first",
    type=click.IntRange(BLOCK),
    default=200_000,
    show_default=True,
    help="Statements in the small one.",
)
@click.option(
    "--questions",
    type=click.IntRange(10),
    default=100,
    show_default=True,
    help="Of each kind.",
)
@click.option(
    "--processes",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="That fill the stores.",
)
@click.option("--strict", is_flag=True, help="Exit status 1 where a target is missed.")
@_cache
@_folder
@_output
def growth_command(
    stored: int,
    first: int,
    questions: int,
    processes: int,
    cache_gb: float,
    folder: Path | None,
    output: Path | None,
    *,
    strict: bool,
) -> None:
    """Hold what queries cost in a large store against what they cost in a small one.

    Both are filled by a bulk path with our own rules and documents; 5 million take
    about 8 GB of disk. Counts are rounded up to thousands.
    """
    plan = growth.Plan(
        small=-(-first // BLOCK) * BLOCK,
        large=-(-stored // BLOCK) * BLOCK,
        questions=questions,
        processes=processes,
        cache_gb=cache_gb,
    )
    with place(folder) as at:
        found = growth.measure(plan, at)
    growth_report.show(found, Console(width=_WIDTH))
    if output:
        _write(output, growth_report.as_json(found, plan))
    if strict and not growth_report.all_met(found):
        sys.exit(1)


@bench.command(
    "enrichment",
    epilog="Example: python -m tests.bench enrichment --stored 100000 --first 20000",
)
@click.option(
    "--stored",
    type=click.IntRange(BLOCK),
    default=1_000_000,
    show_default=True,
    help="Statements in the large store.",
)
@click.option(
    "--first",
    type=click.IntRange(BLOCK),
    default=100_000,
    show_default=True,
    help="Statements in it before it is filled up.",
)
@click.option(
    "--rounds",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="Passes over 5,000 new Statements, at each size.",
)
@click.option(
    "--processes",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="That fill the store.",
)
@click.option("--strict", is_flag=True, help="Exit status 1 where a target is missed.")
@_cache
@_folder
@_output
def enrichment_command(
    stored: int,
    first: int,
    rounds: int,
    processes: int,
    cache_gb: float,
    folder: Path | None,
    output: Path | None,
    *,
    strict: bool,
) -> None:
    """Time the enrichment from nothing, and of 5,000 new Statements beside many.

    A store is filled by a bulk path with our own rules and documents, and measured at
    two sizes. Counts are rounded up to thousands.
    """
    plan = enrichment.Plan(
        small=-(-first // BLOCK) * BLOCK,
        large=-(-stored // BLOCK) * BLOCK,
        rounds=rounds,
        processes=processes,
        cache_gb=cache_gb,
    )
    with place(folder) as at:
        costs = enrichment.measure(plan, at)
    enrichment.show(costs, Console(width=_WIDTH))
    if output:
        _write(output, enrichment.as_json(costs, plan))
    if strict and not enrichment.all_met(costs):
        sys.exit(1)


@bench.command(
    "connectors",
    epilog="Example: python -m tests.bench connectors --people 20000 --only bamboohr",
)
@click.option("--people", type=click.IntRange(1000), default=100_000, show_default=True)
@click.option(
    "--only",
    type=Listed(tuple(connectors.LARGE)),
    default=",".join(connectors.LARGE),
    show_default=True,
    help="Systems whose fakes are taken.",
)
@click.option("--strict", is_flag=True, help="Exit status 1 where a target is missed.")
@_cache
@_folder
@_output
def connectors_command(
    people: int,
    only: tuple[str, ...],
    cache_gb: float,
    folder: Path | None,
    output: Path | None,
    *,
    strict: bool,
) -> None:
    """Take a large company from the fake of each HR system: seconds and memory."""
    with place(folder) as at:
        costs = connectors.measure(only, people, cache_gb, at)
    connectors.show(costs, Console(width=_WIDTH))
    if output:
        _write(output, connectors.as_json(costs))
    if strict and not connectors.all_met(costs):
        sys.exit(1)


@bench.command(
    "reports",
    epilog="Example: python -m tests.bench reports --people 2000 --facts 200000",
)
@click.option("--people", type=click.IntRange(500), default=50_000, show_default=True)
@click.option("--requirements", type=click.IntRange(5), default=40, show_default=True)
@click.option("--facts", type=click.IntRange(1000), default=5_000_000)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="For the lake, kept; a company that is there is asked again.",
)
@_output
def reports_command(
    people: int,
    requirements: int,
    facts: int,
    rounds: int,
    folder: Path | None,
    output: Path | None,
) -> None:
    """Measure every report of a large company: cold, warm, and after changes."""
    from tests.bench import reports, reports_report
    from tests.bench.company import Size

    with nullcontext(folder) if folder else place(None) as at:
        found = reports.measure(Size(people, requirements, facts), at, rounds)
    reports_report.show(found, Console(width=_WIDTH))
    if output:
        _write(output, reports_report.as_json(found))


def _write(path: Path, value: object) -> None:
    path.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n")


def main() -> None:
    """Run the program."""
    logs.configure("error")  # of what runs in this process
    try:
        bench.main(prog_name="python -m tests.bench", standalone_mode=False)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except (BenchError, LrsError) as error:
        console.print(f"Error: {error}", markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
