"""Where a source field stands in a nested record."""

from __future__ import annotations

import pytest

from analytics.workforce.mapping import FieldError
from analytics.workforce.mapping.cells import texts_of
from analytics.workforce.mapping.paths import Path
from tests.unit.workforce.mappings import RECORD, a_mapping

URN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
WORKER = {
    "workerID": {"idValue": "W1"},
    "a.b": "dots",
    "Gross [EUR]": "brackets",
    "emails": [
        {"type": "home", "value": "h@x.org"},
        {"type": "work", "value": "w@x.org", "primary": True},
    ],
    "jobs": [
        {"primary": False, "unit": {"code": "U1"}},
        {
            "primary": True,
            "unit": {"code": "U2"},
            "units": [{"type": {"code": "Dept"}, "code": "D"}, {"code": "none"}],
        },
    ],
    "codes": [{"id": "1"}, {"id": "2"}, {}],
    "one": {"id": "9"},
    "tags": ["x", "y"],
    "null": None,
    URN: {"employeeNumber": "17", "manager": {"value": "3"}},
    "@id": "attribute",
    "Dept": {"@lang": "en", "#text": " R&D "},
    "flat/manager/id": "slashes",
}


@pytest.mark.parametrize(
    ("written", "texts"),
    [
        ("workerID.idValue", ["W1"]),
        ("a.b", ["dots"]),
        ("Gross [EUR]", ["brackets"]),
        ("emails[0].value", ["h@x.org"]),
        ("emails[-1].value", ["w@x.org"]),
        ("emails[7].value", []),
        ("emails[type=work].value", ["w@x.org"]),
        ("emails[primary=true].value", ["w@x.org"]),
        ("emails[type='work'][primary=true].value", ["w@x.org"]),
        ("emails[type=fax].value", []),
        ("emails[type=].value", []),
        ("jobs[primary=true].unit.code", ["U2"]),
        ("jobs[primary=true].units[type.code=Dept].code", ["D"]),
        ("jobs.unit.code", ["U1", "U2"]),
        ("codes.id", ["1", "2"]),
        ("codes[*].id", ["1", "2"]),
        ("codes[0].id", ["1"]),
        ("one[0].id", ["9"]),
        ("one[*].id", ["9"]),
        ("one[id=9].id", ["9"]),
        ("tags", ["x", "y"]),
        ("tags[1]", ["y"]),
        ("null.id", []),
        ("absent.id", []),
        ("workerID.idValue.more", []),
        (f"'{URN}'.employeeNumber", ["17"]),
        (f'"{URN}".manager.value', ["3"]),
        ("@id", ["attribute"]),
        ("Dept", ["R&D"]),
        ("flat.manager.id", ["slashes"]),
        ("emails[", []),
        ("[0]", []),
        ("", []),
        ("a..b", []),
        (".", []),
    ],
)
def test_a_path_leads_to_the_texts_there(written, texts):
    assert texts_of(Path(written).of(WORKER)) == texts


def test_what_leads_to_a_record_is_no_value():
    with pytest.raises(ValueError, match="holds a record"):
        texts_of(Path("workerID").of(WORKER))


def test_a_nested_record_becomes_a_row(tmp_path):
    more = (
        '[columns.email]\nfrom = "emails[type=work].value"\n'
        '[columns.manager_id]\nfrom = "manager.id"\n'
        '[columns.regulatory_classes]\nfrom = "codes.id"\n'
    )
    mapping = a_mapping(tmp_path, more)
    row = mapping.row(RECORD | WORKER | {"manager": {"id": 3}})
    assert (row["email"], row["manager_id"]) == ("w@x.org", "3")
    assert row["regulatory_classes"] == ["1", "2"]
    fields = (*RECORD, "emails", "codes", "manager/id", "tags")
    assert mapping.unnamed(fields) == ("tags",)
    assert mapping.lacking(fields) == []
    assert mapping.lacking(RECORD) == [
        "emails[type=work].value",
        "manager.id",
        "codes.id",
    ]


def test_several_where_one_is_asked_for_are_refused(tmp_path):
    mapping = a_mapping(tmp_path, '[columns.email]\nfrom = "emails.value"\n')
    with pytest.raises(FieldError, match="list where one value") as caught:
        mapping.row(RECORD | WORKER)
    assert caught.value.field == "emails.value"


def test_of_a_nested_record_only_the_named_leaves_are_kept(tmp_path):
    more = (
        '[columns.email]\nfrom = "emails[type=work].value"\n'
        '[columns.job_code]\nfrom = "jobs"\n[columns.job_title]\nfrom = "workerID"\n'
    )
    mapping = a_mapping(tmp_path, more)
    for kept in (mapping.kept(WORKER), mapping.named(WORKER)):
        found = sorted(kept.values(), key=str)
        assert found == [[{}, {}], "w@x.org", {}]
