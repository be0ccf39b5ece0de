"""Formats: what any writer wrote is read back equal, and a mapping says which it is."""

from __future__ import annotations

import csv
import gzip
import io
import json
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.workforce.sources.files import open_delivery
from analytics.workforce.sources.format import Format, format_of
from lrs.errors import BadRequest

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
# XML has no way to write most control characters, and turns a CR into a line feed.
XML_TEXT = st.text(
    st.characters(
        blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff"
    ),
    max_size=12,
)
FIELDS = st.lists(
    st.text("abcXYZ_é. ", min_size=1, max_size=6).map(str.strip).filter(bool),
    min_size=1,
    max_size=4,
    unique=True,
)
NAMES = st.lists(
    st.text("abcXYZ_é", min_size=1, max_size=6), min_size=1, max_size=4, unique=True
)
PACKS = st.sampled_from([bytes, gzip.compress])
EXAMPLES = settings(max_examples=60, deadline=None)


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    path = tmp_path_factory.mktemp("formats") / "people"

    def read_bytes(content: bytes, form: Format | None = None):
        path.write_bytes(content)
        with open_delivery(path, form or Format()) as delivery:
            return delivery.fields, list(delivery.records)

    return read_bytes


def rows_of(fields, data, cells=TEXT):
    return data.draw(
        st.lists(st.lists(cells, min_size=len(fields), max_size=len(fields)))
    )


@EXAMPLES
@given(
    data=st.data(),
    fields=FIELDS,
    pack=PACKS,
    separator=st.sampled_from([",", ";", "\t", "|"]),
    quote=st.sampled_from(['"', "'"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_a_csv_writer_wrote_is_read_back(
    read, data, fields, pack, separator, quote, encoding, end
):
    rows = rows_of(fields, data)
    out = io.StringIO(newline="")
    writer = csv.writer(
        out, delimiter=separator, quotechar=quote, lineterminator=end, quoting=1
    )
    writer.writerows([fields, *rows])
    form = Format(
        type="csv",
        encoding=encoding.removesuffix("-sig"),
        separator=separator,
        quote=quote,
    )
    found, records = read(pack(out.getvalue().encode(encoding)), form)
    assert list(found) == fields
    expected = [dict(zip(fields, row, strict=True)) for row in rows]
    assert [record.cells for record in records] == expected
    assert not any(record.fault for record in records)


@EXAMPLES
@given(data=st.data(), path=st.sampled_from([(), ("d",), ("d", "results")]), pack=PACKS)
def test_whatever_a_json_writer_wrote_is_read_back(read, data, path, pack):
    cell = TEXT | st.none() | st.lists(TEXT, max_size=3)
    rows = data.draw(st.lists(st.dictionaries(TEXT, cell, max_size=4), max_size=5))
    content = rows
    for name in reversed(path):
        content = {"__next": {"a": [1]}, name: content, "total": len(rows)}
    ascii_only, indent = data.draw(st.booleans()), data.draw(st.sampled_from([None, 1]))
    written = json.dumps(content, ensure_ascii=ascii_only, indent=indent).encode()
    fields, records = read(pack(written), Format(records=path))
    assert [record.cells for record in records] == rows
    assert set(fields) == {name for row in rows for name in row}


@EXAMPLES
@given(
    data=st.data(),
    names=NAMES,
    pack=PACKS,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    prefix=st.sampled_from(["", "wd:"]),
    path=st.sampled_from([(), ("row",), ("data", "row")]),
)
def test_whatever_an_xml_writer_wrote_is_read_back(
    read, data, names, pack, encoding, prefix, path
):
    cell = XML_TEXT | st.lists(XML_TEXT.filter(bool), min_size=2, max_size=3)
    rows = rows_of(names, data, cell)
    out = [f"<?xml version='1.0'?><!-- people --><{prefix}data xmlns:wd='urn:w'>"]
    for row in rows:
        elements, attributes = [], []
        for name, value in zip(names, row, strict=True):
            if isinstance(value, str) and value and data.draw(st.booleans()):
                attributes.append(f" {prefix}{name}={quoteattr(value)}")
                continue
            for part in [value] if isinstance(value, str) else value:
                elements.append(f"<{prefix}{name}>{escape(part)}</{prefix}{name}>\n")
        out.append(f"<{prefix}row{''.join(attributes)}>\n{''.join(elements)}")
        out.append(f"</{prefix}row>")
    out.append(f"</{prefix}data>")
    content = pack("".join(out).encode(encoding))
    _, records = read(content, Format(records=path))
    expected = [
        {name: value or None for name, value in zip(names, row, strict=True)}
        for row in rows
    ]
    assert [record.cells for record in records] == expected
    assert not any(record.fault for record in records)


def test_the_columns_may_stand_in_any_order(read):
    (_, one), (_, other) = read(b"a,b\n1,2\n"), read(b"b,a\n2,1\n")
    assert one[0].cells == other[0].cells


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_an_encoding_of_old_is_read_where_it_is_stated(read, encoding):
    form = Format(encoding=encoding)
    _, records = read("id,name\n1,Zoë\n".encode(encoding), form)
    assert records[0].cells["name"] == "Zoë"
    xml = f"<?xml version='1.0' encoding='{encoding}'?><d><r><n>Zoë</n></r></d>"
    assert read(xml.encode(encoding))[1][0].cells["n"] == "Zoë"


def test_a_file_without_quotes_keeps_them_as_they_are(read):
    form = Format(type="csv", separator="|", quote="")
    assert read(b'id|name\n1|the "x\n', form)[1][0].cells["name"] == 'the "x'


def test_a_number_in_json_keeps_every_digit(read):
    _, records = read(b'[{"id": 123456789012345678901, "fte": 1.10, "n": -0}]')
    assert records[0].cells == {
        "id": "123456789012345678901",
        "fte": "1.10",
        "n": "-0",
    }


def test_elements_in_a_field_are_named_by_their_way(read):
    _, records = read(
        b"<d><r><Worker Name='x'><ID Type='a'>1</ID><ID>2</ID></Worker></r></d>"
    )
    assert records[0].cells == {
        "Worker/@Name": "x",
        "Worker/ID/@Type": "a",
        "Worker/ID": ["1", "2"],
    }


def test_an_xml_record_knows_the_line_it_begins_on(read):
    _, records = read(b"<d>\n<r>\n<a>1</a></r>\n<r/></d>")
    assert [record.line for record in records] == [2, 4]


def test_a_record_cut_by_the_pieces_of_reading_is_whole(read):
    rows = [{"id": str(n), "text": "é" * (n % 500)} for n in range(4_000)]
    _, records = read(json.dumps(rows, ensure_ascii=False).encode())
    assert [record.cells for record in records] == rows
    xml = "".join(f"<r><id>{row['id']}</id><t>{row['text']}é</t></r>" for row in rows)
    _, records = read(f"<d>{xml}</d>".encode())
    assert [record.cells["t"] for record in records] == [
        row["text"] + "é" for row in rows
    ]


def test_a_table_of_a_mapping_makes_a_format():
    made = format_of({"separator": "tab", "encoding": "cp1252", "quote": ""}, "acme")
    assert made == Format("csv", "cp1252", "\t", "", ())
    assert format_of({}, "acme") == Format()
    made = format_of({"type": "xml", "records": "Data/Entry"}, "acme")
    assert made == Format("xml", records=("Data", "Entry"))


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ([], "format"),
        ({"colour": 1}, "format.colour"),
        ({"type": "xlsx"}, "format.type"),
        ({"type": ["csv"]}, "format.type"),
        ({"encoding": "utf-7"}, "format.encoding"),
        ({"separator": "::"}, "format.separator"),
        ({"quote": "ab"}, "format.quote"),
        ({"quote": ","}, "format.quote"),
        ({"quote": "é"}, "format.quote"),
        ({"type": "json", "separator": ";"}, "format.separator"),
        ({"type": "csv", "records": "a"}, "format.records"),
        ({"records": "a//b"}, "format.records"),
        ({"records": ""}, "format.records"),
        ({"records": 5}, "format.records"),
    ],
)
def test_a_wrong_table_is_refused_with_the_key(table, key):
    with pytest.raises(BadRequest) as caught:
        format_of(table, "mapping acme.toml")
    assert caught.value.message.startswith(f"mapping acme.toml, {key} ")
