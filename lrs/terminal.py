"""What commands say to people: progress bars, tables, errors; data goes to stdout.

Everything for people goes to standard error, so that the output of a command can be
piped. Bars appear on a terminal only; elsewhere one line says what was done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

console = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def bar(
    title: str, total: int | None, *, sizes: bool = False
) -> Iterator[Callable[[int], None]]:
    """Show a bar and yield what advances it by a number of steps, or of bytes."""
    columns = (
        TextColumn("{task.description:<34}"),
        BarColumn(bar_width=32),
        DownloadColumn() if sizes else MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(title, total=total)

        def advance(steps: int) -> None:
            progress.update(task, advance=steps)

        yield advance
        if total is None:
            done = progress.tasks[0].completed
            progress.update(task, total=done)
