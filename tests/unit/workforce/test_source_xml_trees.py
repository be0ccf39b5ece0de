"""XML read as trees and without them: the same records, faults and refusals."""

from __future__ import annotations

import io
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from analytics.workforce.sources import xml_files
from analytics.workforce.sources.format import Format
from analytics.workforce.sources.records import LONGEST_CELL
from lrs.errors import BadRequest

NAMES = st.sampled_from(["a", "b", "w:a", "w:c", "p", "w:p"])
TEXTS = st.sampled_from(["", " \n", "x", " é &amp; y ", "<![CDATA[<]]>", "<!-- - -->"])
ATTRIBUTES = st.sampled_from(
    [
        "",
        ' b="1"',
        ' w:b="2" b="3"',
        ' xmlns:q="u:q" xmlnsx="4"',
        ' c=""',
        ' b="1" b=""',
    ]
)


def element(name: str, attributes: str, inside: list[str]) -> str:
    return f"<{name}{attributes}>{''.join(inside)}</{name}>"


FIELDS = st.recursive(
    st.builds(element, NAMES, ATTRIBUTES, st.lists(TEXTS, max_size=2)) | TEXTS,
    lambda inside: st.builds(element, NAMES, ATTRIBUTES, st.lists(inside, max_size=4)),
    max_leaves=12,
)
RECORDS = st.builds(
    element, st.sampled_from(["p", "w:p"]), ATTRIBUTES, st.lists(FIELDS, max_size=6)
)


def read(content: bytes, form: Format, *, trees: bool) -> list[object]:
    """Return the records and, at the end, the refusal."""

    def opened() -> io.BufferedReader:
        return io.BufferedReader(io.BytesIO(content))  # type: ignore[arg-type]

    def records() -> Iterator[object]:
        if trees:
            yield from xml_files._records("f", opened, form)
        else:
            reader = xml_files._Reader("f", form, trees=False)
            yield from xml_files._read(reader, opened)

    found: list[object] = []
    try:
        found += [(it.line, it.cells, it.fault) for it in records()]  # type: ignore[attr-defined]
    except BadRequest as error:
        found = [error.message]  # with how many records before it means nothing
    return found


@given(st.lists(RECORDS | TEXTS, max_size=6), st.sampled_from(["", "</r>", "<p>"]))
def test_any_document_reads_the_same(records: list[str], end: str) -> None:
    for form in (Format(), Format(records=("r", "p"))):
        text = element("r", ' xmlns:w="u:w"', [*records, end])
        content = text.encode()
        assert read(content, form, trees=True) == read(content, form, trees=False)


def test_what_is_at_a_bound_reads_the_same() -> None:
    inner = [
        "<a>" * 70 + "</a>" * 70,
        "<a>" * 64 + "x" + "</a>" * 64,
        "<a>" * 64,
        *(f"<a>{'x' * size}</a>" for size in (LONGEST_CELL, LONGEST_CELL + 1)),
        f"<a>{'x' * (1 << 21)}</a><b>y</b>",
        "x" * (LONGEST_CELL + 1),
        *("<a>x</a>" * times for times in (5_000, 9_000, 10_100, 300_000)),
        "".join(f"<a{n}/>" for n in range(10_100)),
        f'<a b="{"x" * (LONGEST_CELL + 1)}"/>',
    ]
    for record in inner:
        text = f"<r>\n<p><a>1</a></p>\n<p>{record}</p>\n<p><a>2</a></p>\n</r>"
        content = text.encode()
        with_trees = read(content, Format(), trees=True)
        assert with_trees == read(content, Format(), trees=False)
        assert len(with_trees) in (1, 3)
