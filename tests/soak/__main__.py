"""The program of the soaks: ``python -m tests.soak [NAME...] [--rounds N]``.

Exit status: 0 all hold; 1 one does not; 2 wrong use. What came out goes to standard
output, a line for each soak; progress and figures to standard error.
"""

from __future__ import annotations

import sys
import tempfile
import time
import traceback
from contextlib import nullcontext
from pathlib import Path

import click
import pytest

from tests.soak.catalogue import SOAKS, Soak

_NAMES = "\n".join(
    f"  {name:<16} {soak.rounds:>3} rounds: {soak.shows}"
    for name, soak in SOAKS.items()
)
_HELP = f"""Long trials against faults, on MongoDBs of their own; all, or these:

\b
{_NAMES}
"""
_EXAMPLES = """\b
Examples:
  python -m tests.soak
  python -m tests.soak failover --rounds 1
  python -m tests.soak kills drain --folder /var/tmp/soak
"""


@click.command(
    help=_HELP,
    epilog=_EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.argument("names", metavar="[NAME]...", nargs=-1, type=click.Choice([*SOAKS]))
@click.option("--rounds", type=click.IntRange(1), help="Of each, not its own number.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="For databases and logs, kept.  [default: a temporary one]",
)
def soak(names: tuple[str, ...], rounds: int | None, folder: Path | None) -> None:
    """Run the soaks one after another; one that fails does not stop the others."""
    failed = False
    for name in dict.fromkeys(names or SOAKS):
        one = SOAKS[name]
        with nullcontext(folder) if folder else tempfile.TemporaryDirectory() as root:
            place = Path(root) / name
            place.mkdir(parents=True, exist_ok=True)
            began = time.monotonic()
            holds = _holds(name, one, rounds or one.rounds, place)
        took = time.monotonic() - began
        click.echo(f"{name}: {'holds' if holds else 'FAILED'} ({took:.0f} s)")
        failed = failed or not holds
    sys.exit(failed)


def _holds(name: str, one: Soak, rounds: int, folder: Path) -> bool:
    def say(text: str) -> None:
        click.echo(f"{time.strftime('%H:%M:%S')} {name}: {text}", err=True)

    say(f"{rounds} rounds; {one.shows}")
    try:
        one.run(rounds, folder, say)
    except (Exception, pytest.fail.Exception):
        traceback.print_exc()
        return False
    return True


if __name__ == "__main__":
    soak(prog_name="python -m tests.soak")
