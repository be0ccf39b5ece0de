"""Tests of lrs.xapi.attachment."""

import pytest

from lrs.xapi.attachment import attachments

from .samples import a_full_statement


def paths(value):
    found = []
    attachments(value, "", "attachments", found)
    return [violation.path for violation in found]


def an_attachment(**changes):
    return {**a_full_statement()["attachments"][0], **changes}


def test_no_attachments_and_full_attachments_are_accepted():
    assert paths([]) == []
    assert paths([an_attachment(), an_attachment(length=0)]) == []


@pytest.mark.parametrize(
    "name", ["usageType", "display", "contentType", "length", "sha2"]
)
def test_required_properties(name):
    value = an_attachment()
    del value[name]
    assert paths([value]) == [f"attachments[0].{name}"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("usageType", "certificate"),
        ("display", "Certificate"),
        ("description", {"something": "x"}),
        ("contentType", "text"),
        ("length", -1),
        ("length", "27"),
        ("length", 1.5),
        ("length", True),
        ("sha2", "abc"),
        ("fileUrl", "file.txt"),
    ],
)
def test_the_path_names_what_is_wrong(name, value):
    assert paths([an_attachment(**{name: value})]) == [f"attachments[0].{name}"]


@pytest.mark.parametrize(
    ("value", "path"), [({}, "attachments"), ([1], "attachments[0]")]
)
def test_attachments_are_an_array_of_objects(value, path):
    assert paths(value) == [path]
