"""Deliveries: what is read, what is refused, and where a record began."""

from __future__ import annotations

import gzip
import hashlib
import json

import pytest

from analytics.workforce.sources.files import open_delivery
from lrs.errors import BadRequest


@pytest.fixture
def read(tmp_path):
    def read_bytes(content: bytes):
        path = tmp_path / "people.csv"
        path.write_bytes(content)
        with open_delivery(path) as delivery:
            return delivery.fields, list(delivery.records)

    return read_bytes


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_csv_is_read_with_or_without_mark_gzip_and_carriage_returns(
    read, mark, pack, end
):
    fields, records = read(pack(mark + end.join(["id,name", "1,Zoë", ""]).encode()))
    assert fields == ("id", "name")
    assert [record.cells for record in records] == [{"id": "1", "name": "Zoë"}]


def test_a_record_knows_the_line_it_begins_on(read):
    _, records = read(b'id,name\n1,"two\nlines"\n\n2,x\n')
    assert [record.line for record in records] == [2, 5]


@pytest.mark.parametrize("row", [b"1", b"1,2,3"])
def test_a_record_of_another_width_is_a_fault_of_its_own(read, row):
    _, records = read(b"id,name\n" + row + b"\n2,b\n")
    assert [record.fault is None for record in records] == [False, True]
    cells = "1 cell" if row == b"1" else "3 cells"
    assert f"has {cells} where the header has 2" in str(records[0])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        ("id,naïve\n".encode("latin-1"), "not UTF-8"),
        ("id,name\n".encode("utf-16"), "is in UTF-16: its mapping must say"),
        (b"id,name\n1,\xff\n", "not UTF-8"),
        (b"id,id\n1,2\n", "stands there twice"),
        (b'id,name\n1,"open\n2,x\n', "record at line 2: not CSV"),
        (b'id,name\n1,"a"b\n', "record at line 2: not CSV"),
        (b'id,name\n1,"' + b"x" * 17_000_000, "line 2: ends a record of over"),
        (b'id,name\n1,"' + b"x,1\n" * 5_000_000, "ends a record of over"),
        (b"," * 10_001, "line 1: has 10,002 fields"),
        (gzip.compress(b"id\n" + b"1\n" * 9_000, mtime=0)[:-12], "damaged"),
        (b"\x1f\x8bnot gzip at all", "damaged"),
        (b'{"id": 1}', "not a JSON array"),
        (b'[{"id": 1},]', "not JSON"),
        (b'[{"id": "\xff"}]', "not JSON"),
    ],
)
def test_a_file_that_cannot_be_read_as_a_whole_is_refused(read, content, reason):
    with pytest.raises(BadRequest) as caught:
        read(content)
    assert "people.csv" in caught.value.message
    assert reason in caught.value.message


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with (
        pytest.raises(BadRequest, match=r"none\.csv cannot be read: No such file"),
        open_delivery(tmp_path / "none.csv"),
    ):
        pass


def test_json_scalars_become_cells(read):
    items = [{"id": 7, "fte": 0.5, "name": "x", "to": None, "list": ["a"]}]
    fields, records = read(json.dumps(items).encode())
    assert fields == ("id", "fte", "name", "to", "list")
    assert records[0].cells == {
        "id": "7",
        "fte": "0.5",
        "name": "x",
        "to": None,
        "list": ["a"],
    }


@pytest.mark.parametrize("item", [5, [1], "text", None, True])
def test_a_json_item_of_another_shape_is_a_fault_of_its_own(read, item):
    _, records = read(json.dumps([item, {"id": 1}]).encode())
    assert [record.fault is None for record in records] == [False, True]
    assert [record.line for record in records] == [1, 2]


def test_the_digest_is_of_the_file_as_delivered(tmp_path):
    content = gzip.compress(b"id\n1\n")
    path = tmp_path / "people.csv.gz"
    path.write_bytes(content)
    with open_delivery(path) as delivery:
        assert delivery.sha256 == hashlib.sha256(content).hexdigest()
