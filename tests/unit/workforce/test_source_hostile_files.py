"""Hostile files: every one is told in one sentence that quotes nothing, in bounds."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.workforce.sources.files import open_delivery
from analytics.workforce.sources.format import Format
from lrs.errors import BadRequest

pytestmark = pytest.mark.long

SECRET = "s3cret"
LONG = 10_000_000

# Without the time: the name of a test is the same in every process.
TWICE_PACKED = gzip.compress(gzip.compress(b"a\n1\n", mtime=0), mtime=0)


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    path = tmp_path_factory.mktemp("hostile") / "people"

    def read_bytes(content: bytes, form: Format | None = None):
        path.write_bytes(content)
        with open_delivery(path, form or Format()) as delivery:
            return list(delivery.records)

    return read_bytes


ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
DOCTYPES = [
    f'<!DOCTYPE d [<!ENTITY e0 "x">{ENTITIES}]><d><r><a>&e9;</a></r></d>',
    '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d><r><a>&x;</a></r></d>',
    '<!DOCTYPE d SYSTEM "http://127.0.0.1:1/x.dtd"><d><r/></d>',
    '<!DOCTYPE d [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]><d/>',
    "<!DOCTYPE d><d/>",
]


@pytest.mark.parametrize("content", DOCTYPES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused(read, content, encoding):
    with pytest.raises(BadRequest, match=r"people, line 1: a document type"):
        read(content.encode(encoding))


@pytest.mark.parametrize(
    ("content", "form", "said"),
    [
        (b"<d><r><a>1</a></r>", None, "line 1: not XML: no element found"),
        (b"<d>\n<r><a>1</b></r></d>", None, "line 2: not XML: mismatched tag"),
        (b"<d><r><a>&x;</a></r></d>", None, "line 1: not XML: undefined entity"),
        (b"<d><r><a>\x00</a></r></d>", None, "line 1: not XML"),
        (b"<d><r a='1' a='2'/></d>", None, "line 1: not XML: duplicate attribute"),
        (b"<?xml version='1.0' encoding='no-such'?><d/>", None, "line 1: not XML"),
        (b"<d><r>\xff</r></d>", None, "line 1: not XML"),
        (b"<d><r/><q/></d>", None, "line 1: an element of another name"),
        (
            b"<d><r>%b</r></d>" % b"".join(b"<a%d/>" % n for n in range(10_001)),
            None,
            "record at 1: no file has over 10,000 different fields",
        ),
        (b"<d/>", Format(records=("rows", "r")), "format.records names"),
        (b"<a>" * 100_000, None, "elements in each other over 64 deep"),
        (b"<d><r>" + b"<a>" * 100_000, None, "elements in each other over 64"),
        (b"<d><r a='" + b"x" * LONG, None, "a tag or comment of over 4 MiB"),
        (b"<d><!--" + b"x" * LONG, None, "a tag or comment of over 4 MiB"),
        (b"[" * 100_000, None, "nested too deeply"),
        (b'[{"a": ' + b"[" * 100_000, None, "record 1 is nested too deeply"),
        (b'[{"a": 1}, {"a": ]}]', None, "record 2: not JSON"),
        (b'[{"a": 1}, {"a": "b}', None, "record 2: not JSON"),
        (b'[{"a": NaN}]', None, "record 1: not JSON"),
        (b'[{"a": 1}]]', None, "not JSON"),
        (b'[{"a": "\x00"}]', None, "record 1: not JSON"),
        (b'[{"a": 1}', None, "record 1: not JSON"),
        (b'{"a": []}', Format(records=("b",)), "no JSON array under the name 'b'"),
        (b'{"b": {}}', Format(records=("b",)), "no JSON array under the name 'b'"),
        (b'{"b": null}', Format(records=("b", "c")), "no JSON array under the name"),
        (b'{"b": [], }', Format(records=("b",)), "not JSON"),
        (b"[]", Format(records=("b",)), "no JSON array under the name 'b'"),
        (b"a,b\n1,2\n3,\xe9\n", None, "line 3: not UTF-8 text"),
        (b"a,b\n1,\x81\n", Format(encoding="cp1252"), "line 2: not cp1252 text"),
        (b"a,b\n", Format(encoding="utf-16"), "UTF-16 without its byte order mark"),
        (b"\xff\xfea", Format(encoding="utf-16"), "line 1: not UTF-16 text"),
        (b"\x00\x00\x00", None, "is empty"),
        ("id,\u00fc\n".encode(), Format(encoding="cp1252"), "is in UTF-8, and its"),
        (b"id,\xc3", Format(encoding="latin-1"), "is in UTF-8, and its mapping"),
        (b"PK\x03\x04\x14\x00", None, "is a ZIP archive"),
        (
            gzip.compress(gzip.compress(b"a\n1\n", mtime=0), mtime=0),
            None,
            "not UTF-8 text",
        ),
    ],
)
def test_a_file_that_is_broken_is_told_by_its_place(read, content, form, said):
    with pytest.raises(BadRequest) as caught:
        read(content, form)
    assert said in caught.value.message
    assert caught.value.message.startswith("people")
    assert len(caught.value.message) < 250


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n1," + b"x" * LONG + b"\n2,y\n", "10,000,000 characters in the field"),
        (b"<d><r><b>" + b"x" * LONG + b"</b></r><r><a>2</a></r></d>", "in the field"),
        (b'[{"b": "' + b"x" * LONG + b'"}, {"a": 2}]', "has 10,000,009 characters"),
        (b'[{"b": "' + b"x" * 200_000 + b'"}, {"a": 2}]', "200,000 characters in the"),
        (b'[{"b": ["' + b"x" * 200_000 + b'"]}, {"a": 2}]', "200,000 characters in"),
        (b'[{"b": "' + b'\\"' * 900_000 + b'"}, {"a": 2}]', "has 1,800,009 char"),
        (b'[{"a": 1, "a": 1}, {"a": 2}]', "a field that stands there twice"),
        (b'[{"a": "\\ud800"}, {"a": 2}]', "half of a surrogate pair"),
        (b'[{"\\ud800": ""}, {"a": 2}]', "half of a surrogate pair"),
        (b'[{"a": {"b": 1, "b": 1}}, {"a": 2}]', "a field that stands there twice"),
        (b'[{"a": ' + b"[" * 30 + b"]" * 30 + b'}, {"a": 2}]', "nested over 20 deep"),
        (b'[{"a": {"b": "\\ud800"}}, {"a": 2}]', "half of a surrogate pair"),
        (b'[{"a": {"b": "' + b"x" * 200_000 + b'"}}, {"a": 2}]', "200,000 characters"),
        (b"<d><r>between<a>1</a></r><r><a>2</a></r></d>", "text beside elements"),
        (b"<d><r>" + b"<a/>" * 20_000 + b"</r><r><a>2</a></r></d>", "fields"),
    ],
)
def test_a_record_that_cannot_be_kept_leaves_the_others_alone(read, content, said):
    bad, good = read(content)
    assert said in bad.fault
    assert good.fault is None
    assert good.cells["a"] == "2"
    assert sum(len(str(cell)) for cell in bad.cells.values()) < 1_000_000


def test_a_record_within_a_record_is_a_cell(read):
    (record,) = read(b'[{"a": {"b": [1.50, true, null, {"c": "d"}]}, "e": false}]')
    cells = {"a": {"b": ["1.50", True, None, {"c": "d"}]}, "e": False}
    assert (record.cells, record.fault) == (cells, None)


def test_nul_in_a_cell_is_left_to_the_column(read):
    assert read(b"a,b\n1,\x00\n")[0].cells["b"] == "\x00"


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=60)
    | st.text("<>/&;[]{}\":,ar1=' \n\\\x00é", max_size=60).map(str.encode)
    | st.text("<>/&;[]{}\":,ar1=' \n", max_size=60).map(str.encode).map(gzip.compress)
)
def test_nothing_that_a_file_holds_is_a_traceback(read, content):
    for form in (None, Format(type="xml"), Format(records=("a",)), Format("csv")):
        try:
            records = read(content, form)
        except BadRequest:
            pass  # told; anything else would fail here
        else:
            json.dumps([record.cells for record in records]).encode()


def test_no_message_quotes_what_the_file_holds(read):
    for content in (
        f'id,name\n1,"{SECRET}\n',
        f"id,{SECRET},{SECRET}\n",
        f'[{{"id": {SECRET}}}]',
        f'{{"{SECRET}": 1}}',
        f"<d><r><{SECRET}></r></d>",
        f"<d><r/><{SECRET}/></d>",
        f"<d><r>&{SECRET};</r></d>",
    ):
        with pytest.raises(BadRequest) as caught:
            read(content.encode())
        assert SECRET not in caught.value.message


READING = """
import resource, sys
from pathlib import Path
from analytics.workforce.sources.files import open_delivery
from lrs.errors import BadRequest
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
said = "read"
try:
    with open_delivery(Path(sys.argv[1])) as delivery:
        for record in delivery.records:
            pass
except BadRequest as error:
    said = error.message
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, said)
"""


def bomb(head: bytes, body: bytes, times: int) -> bytes:
    """Pack so many megabytes, of which only the first is really packed."""
    packer = zlib.compressobj(6, wbits=31)
    piece = body * (1_000_000 // len(body))
    packed = []
    for part in (head, piece):  # each is packed as if nothing came before
        packed.append(packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH))
    check = zlib.crc32(head)
    for _ in range(times):
        check = zlib.crc32(piece, check)
    size = (len(head) + len(piece) * times) & 0xFFFFFFFF
    end = b"\x03\x00" + check.to_bytes(4, "little") + size.to_bytes(4, "little")
    return b"".join([packed[0], packed[1] * times, end])


def test_the_bomb_is_a_whole_file() -> None:
    assert gzip.decompress(bomb(b"ab", b"12", 3)) == b"ab" + b"12" * 1_500_000


@pytest.mark.parametrize(
    ("head", "body", "said"),
    [
        (b"a,b\n", b"1,2\n", "unpacks to more than 200 times"),
        (b'a,b\n1,"', b"x", "unpacks to more than 200 times"),
        (b"[", b'{"a": 1},', "unpacks to more than 200 times"),
        (b'[{"a": "', b"x", "unpacks to more than 200 times"),
        (b'[{"a": [', b"1,", "unpacks to more than 200 times"),
        (b"<d>", b"<r><a>1</a></r>", "unpacks to more than 200 times"),
        (b"<d><r>", b"<a>1</a>", "unpacks to more than 200 times"),
        (b"<d><r><a>", b"x", "unpacks to more than 200 times"),
        (b"<d><r ", b"x", "a tag or comment of over"),
    ],
)
def test_a_bomb_is_refused_in_little_memory(tmp_path, head, body, said):
    path = tmp_path / "people.gz"
    path.write_bytes(bomb(head, body, 400))  # 400 MB
    done = subprocess.run(
        [sys.executable, "-c", READING, path],
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    grown, told = done.stdout.split(" ", 1)
    assert said in told
    assert int(grown) < 256 << 10  # KiB
