"""Paths: where in a nested record a source field stands.

``manager.id``, ``emails[0]``, ``emails[type=work].value``, ``codes[*].id``; a name
that holds a dot or a bracket stands in quotes: ``"urn:a:2.0".id``. Over a list, a name
means that of each of its records, so ``[*]`` only makes it plain; what is no list
counts as a list of one (XML cannot tell them apart). A field that has exactly the
written name, dots and all, comes first: CSV headers may hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from dataclasses import dataclass, field

from analytics.workforce.mapping.cells import Cell, Cells, texts_of

_STEP = re.compile(
    r"""(?:^|(?<=.)\.)(?P<name>"[^"]+"|'[^']+'|[^.\[\]"'=]+)"""
    r"""|\[(?P<index>-?[0-9]{1,4}|\*)\]"""
    r"""|\[(?P<left>[^=\[\]]+)=(?P<right>"[^"]*"|'[^']*'|[^\[\]"']*)\]"""
)
Nodes = list[Cell]
Step = Callable[[Nodes], Nodes]


@dataclass(frozen=True, slots=True)
class Path:
    """A source field as the mapping writes it.

    ``first`` is its outermost name; ``slashed`` what a reader calls it that makes flat
    records of nested elements (``manager/id``).
    """

    written: str
    first: str = field(init=False, compare=False)
    slashed: str = field(init=False, compare=False)
    _steps: tuple[Step, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        first, steps = _parsed(self.written)
        object.__setattr__(self, "first", first)
        object.__setattr__(self, "_steps", steps)
        object.__setattr__(self, "slashed", self.written.replace(".", "/"))

    @property
    def plain(self) -> bool:
        """Whether it can only be the name of a field."""
        return not self._steps

    def among(self, fields: Container[str]) -> bool:
        """Tell whether a delivery with these fields may have it."""
        return any(name in fields for name in (self.written, self.first, self.slashed))

    def of(self, cells: Cells) -> Cell:
        """Return the cell of a record, a list where the path leads to several."""
        if self.written in cells or not self._steps:
            return cells.get(self.written)
        if self.slashed in cells:
            return cells[self.slashed]
        nodes: Nodes = [cells.get(self.first)]
        for step in self._steps:
            nodes = step(nodes)
            if not nodes:
                return None
        return nodes[0] if len(nodes) == 1 else _flat(nodes)


def _parsed(written: str) -> tuple[str, tuple[Step, ...]]:
    """Return the first name and the steps after it; none where it is a plain name."""
    steps: list[Step] = []
    first, at = "", 0
    for found in _STEP.finditer(written):
        if found.start() != at:
            break
        at = found.end()
        if name := found["name"]:
            if found.start() == 0:
                first = _bare(name)
            else:
                steps.append(_named(_bare(name)))
        elif not first:
            break
        elif found["index"] == "*":
            steps.append(_flat)
        elif found["index"]:
            steps.append(_numbered(int(found["index"])))
        else:
            steps.append(_where(Path(found["left"]), _bare(found["right"])))
    if at != len(written) or not first or (not steps and first == written):
        return written, ()
    return first, tuple(steps or [_flat])


def _bare(name: str) -> str:
    return name[1:-1] if name[:1] in {'"', "'"} else name


def _flat(nodes: Nodes) -> Nodes:
    out: Nodes = []
    for node in nodes:
        if isinstance(node, list):
            out.extend(node)
        elif node is not None:
            out.append(node)
    return out


def _named(name: str) -> Step:
    def step(nodes: Nodes) -> Nodes:
        return [
            inner
            for node in _flat(nodes)
            if isinstance(node, dict) and (inner := node.get(name)) is not None
        ]

    return step


def _numbered(index: int) -> Step:
    def step(nodes: Nodes) -> Nodes:
        # Of each list the one at that place: [0] of two jobs' lists are two.
        lists = [node if isinstance(node, list) else [node] for node in nodes]
        return [node[index] for node in lists if -len(node) <= index < len(node)]

    return step


def _where(left: Path, right: str) -> Step:
    def holds(node: Cell) -> bool:
        try:
            return isinstance(node, dict) and right in (texts_of(left.of(node)) or [""])
        except ValueError:
            return False

    return lambda nodes: [node for node in _flat(nodes) if holds(node)]
