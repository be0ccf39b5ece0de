"""Nasty bodies for POST statements, each with a name; all must be refused."""

from __future__ import annotations

import json
from typing import Any

from tests.builders import VOIDED, a_statement

MARK = "geheim-4711"  # stands in every body; must stand in no log


def _changed(path: str, value: Any) -> bytes:
    statement = a_statement(actor=f"{MARK}@example.com")
    place: Any = statement
    *names, last = path.split(".")
    for name in names:
        place = place.setdefault(name, {})
    place[last] = value
    return json.dumps(statement).encode()


_WHOLE = json.dumps(a_statement(actor=f"{MARK}@example.com")).encode()
_REF = {"objectType": "StatementRef", "id": "fd41c918-b88b-4b20-a0a5-a4c32391aaa0"}
_SUB = {"objectType": "SubStatement", **a_statement(with_id=False)}

CHANGES: dict[str, tuple[str, Any]] = {
    "actor null": ("actor", None),
    "actor text": ("actor", MARK),
    "actor list": ("actor", [{"mbox": f"mailto:{MARK}@example.com"}]),
    "actor empty": ("actor", {}),
    "actor with two IFIs": ("actor.openid", f"http://{MARK}.example/"),
    "actor with an unknown key": ("actor.Mbox", MARK),
    "mbox number": ("actor.mbox", 1),
    "mbox not mailto": ("actor.mbox", f"{MARK}@example.com"),
    "mbox with a NUL": ("actor.mbox", f"mailto:{MARK}\0@example.com"),
    "mbox of a megabyte": ("actor.mbox", "mailto:" + "a" * (1 << 20)),
    "name object": ("actor.name", {MARK: 1}),
    "objectType list": ("actor.objectType", [MARK]),
    "objectType lower case": ("actor.objectType", "agent"),
    "member without Group": ("actor.member", [MARK]),
    "account text": ("actor", {"account": MARK}),
    "account name number": ("actor", {"account": {"homePage": "h:x", "name": 1}}),
    "account name missing": ("actor", {"account": {"homePage": "http://x.example"}}),
    "Group in a Group": (
        "actor",
        {"objectType": "Group", "member": [{"objectType": "Group", "member": []}]},
    ),
    "Group member null": ("actor", {"objectType": "Group", "member": [None]}),
    "verb text": ("verb", MARK),
    "verb id relative": ("verb.id", MARK),
    "verb id true": ("verb.id", True),
    "verb display list": ("verb.display", [MARK]),
    "verb display no language": ("verb.display", {MARK * 3: "x"}),
    "verb display number": ("verb.display", {"en": 1}),
    "object null": ("object", None),
    "object number": ("object", 0),
    "object unknown kind": ("object.objectType", MARK),
    "object kind null": ("object.objectType", None),
    "Activity id NUL": ("object.id", "http://a.example/\0"),
    "Activity id blank": ("object.id", f"http://a.example/ {MARK}"),
    "definition list": ("object.definition", [MARK]),
    "definition name text": ("object.definition", {"name": MARK}),
    "interaction without type": ("object.definition", {"choices": []}),
    "interaction of no type": ("object.definition", {"interactionType": MARK}),
    "choices equal ids": (
        "object.definition",
        {"interactionType": "choice", "choices": [{"id": MARK}, {"id": MARK}]},
    ),
    "extensions list": ("object.definition", {"extensions": [MARK]}),
    "extensions no IRI": ("object.definition", {"extensions": {MARK: 1}}),
    "StatementRef no UUID": ("object", {**_REF, "id": MARK}),
    "SubStatement with id": ("object", {**_SUB, "id": _REF["id"]}),
    "SubStatement in itself": ("object", {**_SUB, "object": _SUB}),
    "SubStatement without actor": ("object", {**_SUB, "actor": None}),
    "result list": ("result", []),
    "score text": ("result", {"score": MARK}),
    "score raw text": ("result", {"score": {"raw": "1"}}),
    "score raw true": ("result", {"score": {"raw": True}}),
    "score scaled beyond": ("result", {"score": {"scaled": 1.00001}}),
    "score min over max": ("result", {"score": {"min": 2, "max": 1}}),
    "success text": ("result", {"success": "true"}),
    "completion number": ("result", {"completion": 1}),
    "duration number": ("result", {"duration": 1}),
    "duration text": ("result", {"duration": MARK}),
    "duration empty": ("result", {"duration": "PT"}),
    "response number": ("result", {"response": 1}),
    "context text": ("context", MARK),
    "registration text": ("context", {"registration": MARK}),
    "registration with braces": ("context", {"registration": f"{{{_REF['id']}}}"}),
    "instructor list": ("context", {"instructor": [MARK]}),
    "team Agent": ("context", {"team": {"mbox": f"mailto:{MARK}@example.com"}}),
    "language text": ("context", {"language": f"{MARK}_DE"}),
    "contextActivities list": ("context", {"contextActivities": [MARK]}),
    "contextActivities kind": ("context", {"contextActivities": {"Parent": []}}),
    "contextActivities text": ("context", {"contextActivities": {"parent": MARK}}),
    "context statement Activity": ("context", {"statement": {"id": "http://a.b/"}}),
    "timestamp number": ("timestamp", 1577836800),
    "timestamp date": ("timestamp", "2020-01-01"),
    "timestamp without offset": ("timestamp", "2020-01-01T00:00:00"),
    "timestamp minus zero": ("timestamp", "2020-01-01T00:00:00-00:00"),
    "timestamp 30 February": ("timestamp", "2020-02-30T00:00:00Z"),
    "timestamp hour 25": ("timestamp", "2020-01-01T25:00:00Z"),
    "timestamp year 0": ("timestamp", "0000-01-01T00:00:00Z"),
    "timestamp year 10000": ("timestamp", "10000-01-01T00:00:00Z"),
    "timestamp offset 99": ("timestamp", "2020-01-01T00:00:00+99:99"),
    "timestamp leap second at noon": ("timestamp", "2016-12-31T12:00:60Z"),
    "timestamp long": ("timestamp", "2020-01-01T00:00:00." + "1" * 100_000),
    "stored text": ("stored", MARK),
    "authority Group of one": ("authority", {"objectType": "Group", "member": [{}]}),
    "authority text": ("authority", MARK),
    "id empty": ("id", ""),
    "id number": ("id", 1),
    "id null": ("id", None),
    "id with braces": ("id", f"{{{_REF['id']}}}"),
    "id urn": ("id", f"urn:uuid:{_REF['id']}"),
    "attachments object": ("attachments", {}),
    "attachments text": ("attachments", [MARK]),
    "attachment without sha2": ("attachments", [{"usageType": "http://u.example/"}]),
    "attachment length": ("attachments", [{"length": "27"}]),
    "attachment length huge": ("attachments", [{"length": -(10**400)}]),
    "unknown key": (MARK, 1),
    "key in another case": ("Actor", {}),
    "key with a NUL": ("a\0b", 1),
    "key with a dollar": ("$where", MARK),
    "key empty": ("", MARK),
}

BODIES: dict[str, bytes] = {name: _changed(*pair) for name, pair in CHANGES.items()} | {
    "voided Activity": _changed("verb.id", VOIDED),
    "nothing": b"",
    "null": b"null",
    "text": json.dumps(MARK).encode(),
    "number": b"1e999999",
    "false": b"false",
    "empty object": b"{}",
    "array in an array": b"[[%b]]" % _WHOLE,
    "array with null": b"[%b,null]" % _WHOLE,
    "array with numbers": b"[1,2,3]",
    "cut off": _WHOLE[:-1],
    "two": _WHOLE + _WHOLE,
    "comma at the end": _WHOLE[:-1] + b",}",
    "byte-order mark": b"\xef\xbb\xbf" + _WHOLE,
    "UTF-16": _WHOLE.decode().encode("utf-16"),
    "invalid UTF-8": _WHOLE.replace(MARK.encode(), MARK.encode() + b"\xff"),
    "raw NUL": _WHOLE.replace(MARK.encode(), MARK.encode() + b"\0"),
    "half a surrogate": _WHOLE[:-1] + b',"timestamp":"\\ud800"}',
    "NaN": _WHOLE[:-1] + b',"result":{"score":{"raw":NaN}}}',
    "Infinity": _WHOLE[:-1] + b',"result":{"score":{"raw":-Infinity}}}',
    "repeated key": _WHOLE[:-1] + b',"actor":{}}',
    "100,000 brackets": b"[" * 100_000,
    "100,000 closed brackets": b"[" * 100_000 + b"]" * 100_000,
    "100,000 objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep extension": _WHOLE[:-1]
    + b',"result":{"extensions":{"http://e.example/":'
    + b"[" * 900
    + b"]" * 900
    + b"}}}",
    "deep extension with 1E400": _WHOLE[:-1]
    + b',"result":{"extensions":{"http://e.example/":'
    + b"[" * 900
    + b"1E400"
    + b"]" * 900
    + b"}}}",
    "number of 5,000 digits": _WHOLE[:-1]
    + b',"result":{"score":{"raw": %b}}}' % (b"9" * 5000),
    "number with an exponent of 20 digits": _WHOLE[:-1]
    + b',"result":{"score":{"raw":1e99999999999999999999}}}',
    "gzip": b"\x1f\x8b\x08\x00" + b"\0" * 40,
    "multipart": b"--x\r\nContent-Type: application/json\r\n\r\n{}\r\n--x--",
}
