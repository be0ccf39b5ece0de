"""xAPI-Data 2.4.3: the Verb. XAPI-00044 (id), XAPI-00045 (display)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.caller import Lrs
from tests.conformance.full_statement import VERB, a_statement, a_substatement

ROWS: dict[str, tuple[Any, int]] = {
    "id alone": ({"id": VERB}, 200),
    "urn": ({"id": "urn:example:verb"}, 200),
    "IRI of another script": ({"id": "http://пример.example/сделал"}, 200),
    "with display": ({"id": VERB, "display": {"en": "did", "de-DE": "tat"}}, 200),
    "empty display": ({"id": VERB, "display": {}}, 200),
    "empty text in the display": ({"id": VERB, "display": {"en": ""}}, 200),
    "no id": ({"display": {"en": "did"}}, 400),
    "empty": ({}, 400),
    "text": (VERB, 400),
    "array": ([{"id": VERB}], 400),
    "null": (None, 400),
    "id empty": ({"id": ""}, 400),
    "id null": ({"id": None}, 400),
    "id number": ({"id": 1}, 400),
    "id object": ({"id": {}}, 400),
    "id without scheme": ({"id": "did"}, 400),
    "id with a wrong scheme": ({"id": "ab=c://should.fail.com"}, 400),
    "id with a blank": ({"id": "http://verbs.example.org/did it"}, 400),
    "ID": ({"ID": VERB}, 400),
    "display number": ({"id": VERB, "display": 12345}, 400),
    "display text": ({"id": VERB, "display": "did"}, 400),
    "display array": ({"id": VERB, "display": ["did"]}, 400),
    "display null": ({"id": VERB, "display": None}, 400),
    "display with a number": ({"id": VERB, "display": {"en": 1}}, 400),
    "display with an object": ({"id": VERB, "display": {"en": {}}}, 400),
    "display in no language": ({"id": VERB, "display": {"a12345678": "did"}}, 400),
    "unknown property": ({"id": VERB, "name": {"en": "did"}}, 400),
    "objectType": ({"id": VERB, "objectType": "Verb"}, 400),
}


@pytest.mark.parametrize(("verb", "status"), ROWS.values(), ids=ROWS.keys())
def test_a_verb_has_an_iri_and_perhaps_a_display(
    lrs: Lrs, verb: Any, status: int
) -> None:
    lrs.takes(a_statement() | {"verb": verb}, status)


@pytest.mark.parametrize(("verb", "status"), ROWS.values(), ids=ROWS.keys())
def test_a_verb_of_a_substatement_does_too(lrs: Lrs, verb: Any, status: int) -> None:
    lrs.takes(a_statement(object=a_substatement() | {"verb": verb}), status)


def test_a_verb_is_returned_as_it_was_sent(lrs: Lrs) -> None:
    verb = {"display": {"de": "tat", "en": "did"}, "id": VERB}
    [found] = lrs.store(a_statement(verb=verb))
    assert lrs.read(found)["verb"] == verb
