"""What the benchmarks' options mean: names, contenders, the folder."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from lrs.terminal import console
from tests.bench import contenders as serving
from tests.bench.speed import Serve

CONTENDERS = ("ours", "floor", "ralph")


class Listed(click.ParamType):
    """Names with commas between them."""

    name = "NAMES"

    def __init__(self, known: tuple[str, ...]) -> None:
        self._known = known

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Return the names, each once, or fail with the known ones."""
        if isinstance(value, tuple):
            return value
        names = tuple(dict.fromkeys(str(value).split(",")))
        if unknown := [name for name in names if name not in self._known]:
            known = ", ".join(self._known)
            self.fail(f"{unknown[0]!r} is none of: {known}.", param, ctx)
        return names


def chosen(
    names: tuple[str, ...], program: Path | None, backend: str
) -> dict[str, Serve]:
    """Return how each of these is served, in a fixed order; without an absent Ralph.

    ``program`` and ``backend`` are Ralph's.
    """
    found: dict[str, Serve] = {}
    for name in CONTENDERS:
        if name not in names:
            continue
        if name == "ralph":
            ralph = serving.find_ralph(program)
            if ralph is None:
                console.print("Ralph is not installed here: it is left out (--ralph).")
                continue
            found[name] = serving.ralph_of(ralph.absolute(), backend)
        else:
            found[name] = serving.ours if name == "ours" else serving.floor
    if not found:
        raise click.UsageError("There is no contender.")
    return found


@contextmanager
def place(folder: Path | None) -> Iterator[Path]:
    """Make the empty folder, or a temporary one that goes with the block."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="lrs-bench-") as made:
            yield Path(made)
        return
    folder = folder.absolute()
    if folder.exists() and any(folder.iterdir()):
        raise click.UsageError(f"{folder} is not empty.")
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
