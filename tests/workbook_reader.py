"""Reads an XLSX file from its own XML (ECMA-376): what any reader sees."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import IO, Any
from xml.etree import ElementTree

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets(file: IO[bytes]) -> list[list[list[Any]]]:
    """Return the cells of each sheet, read from the file's own XML (ECMA-376)."""
    with zipfile.ZipFile(file) as parts:
        styles = ElementTree.fromstring(parts.read("xl/styles.xml"))  # noqa: S314
        formats = {
            item.get("numFmtId"): item.get("formatCode", "")
            for item in styles.iter(f"{_NS}numFmt")
        }
        (shapes,) = styles.iter(f"{_NS}cellXfs")
        kinds = [formats.get(shape.get("numFmtId"), "") for shape in shapes]
        names = sorted(name for name in parts.namelist() if "worksheets/sheet" in name)
        return [list(_rows(parts.read(name), kinds)) for name in names]


def _rows(xml: bytes, kinds: list[str]) -> Iterator[list[Any]]:
    assert b"<f>" not in xml  # no formula anywhere
    for row in ElementTree.fromstring(xml).iter(f"{_NS}row"):  # noqa: S314
        cells: dict[str, Any] = {}
        for cell in row.iter(f"{_NS}c"):
            column = re.sub(r"[0-9]", "", cell.get("r", ""))
            cells[column] = _value(cell, kinds)
        last = max(cells, key=lambda name: (len(name), name), default="@")
        yield [cells.get(chr(at)) for at in range(ord("A"), ord(last) + 1)]


def _value(cell: ElementTree.Element, kinds: list[str]) -> Any:
    if cell.get("t") == "inlineStr":
        return "".join(cell.itertext())
    number = cell.findtext(f"{_NS}v") or ""
    if cell.get("t") == "b":
        return number == "1"
    kind = kinds[int(cell.get("s", "0"))]
    if "yy" in kind:
        passed = timedelta(milliseconds=round(float(number) * 86_400_000))
        at = datetime(1899, 12, 30, tzinfo=UTC) + passed
        return at if "hh" in kind else at.date()
    return float(number)
