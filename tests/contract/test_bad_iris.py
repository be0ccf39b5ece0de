"""What is no IRI, and IRIs in every script, wherever they can stand.

xAPI-Data 2.2, 4.1; RFC 3987. What breaks the form is refused with its path; what keeps
it comes back character for character, and is found by it and by nothing alike.
"""

from __future__ import annotations

import unicodedata
from typing import Any
from urllib.parse import quote

import pytest

from tests.builders import a_statement
from tests.conftest import Client
from tests.contract.answers import ask, page, post, problem
from tests.contract.odd_values import at, kept, refuse

IRIS = (
    *("verb.id", "activity.id", "activity.definition.type", "object.verb.id"),
    *(
        "activity.definition.moreInfo",
        "attachments.0.usageType",
        "attachments.0.fileUrl",
    ),
    *("object.object.id", "context.contextActivities.parent.0.id"),
)
NO_IRI: tuple[Any, ...] = (
    *("", " ", "a", "/a/b", "//a.example/", "a.example", "http:", ":a", "1a:b", "-a:b"),
    *("http://a b", "http://a.example/<x>", 'http://a"b', "http://a|b", "http://a\\b"),
    *("http://a^b", "http://a`b", "http://{a}", "http://a.example/%", "http://a/%4"),
    *("http://a/%zz", "http://a\x00b", "http://a\nb", "http://a\tb", "http://a\x7fb"),
    *(
        "http://a\u0085b",
        "http://a\ufdd0b",
        "http://a\uffffb",
        "\u00e9ttp://a",
        " http://a",
    ),
    *("http://a ", "h\u200bttp://a", 1, None, True, [], {}, "a" * 99_999),
)


def with_iri(path: str, iri: Any) -> dict[str, Any]:
    if "parent" in path:
        made = a_statement(context={"contextActivities": {"parent": [{"id": iri}]}})
    else:
        made = at(path, iri)
    return made


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
@pytest.mark.parametrize("path", IRIS)
def test_what_is_no_iri_is_refused(shared: Client, path: str, version: str) -> None:
    for iri in NO_IRI:
        refuse(shared, with_iri(path, iri), path, version)


def test_what_is_no_iri_is_refused_as_a_key_and_in_an_agent(shared: Client) -> None:
    for iri in (it for it in NO_IRI if isinstance(it, str)):
        as_key = at("result.extensions", iri, as_key=True)
        refuse(shared, as_key, "result.extensions", "1.0.3")
        account = a_statement() | {"actor": {"account": {"homePage": iri, "name": "x"}}}
        refuse(shared, account, "actor.account.homePage", "1.0.3")
        refuse(
            shared, a_statement() | {"actor": {"openid": iri}}, "actor.openid", "2.0.0"
        )
        if len(iri) < 9000:
            problem(ask(shared, activity=iri), 400)
            problem(ask(shared, verb=iri), 400)
            problem(ask(shared, agent={"openid": iri}), 400)


def scripts() -> dict[str, str]:
    """Return some letters of every script that Unicode has, by the script's name."""
    found: dict[str, str] = {}
    for code in range(0xA1, 0x20000):
        letter = chr(code)
        if unicodedata.category(letter) in ("Lu", "Ll", "Lt", "Lm", "Lo", "Nd"):
            script = unicodedata.name(letter, "NONE").split()[0]
            if len(found.setdefault(script, "")) < 3:
                found[script] += letter
    return found | {"EMOJI": "\U0001f469\u200d\U0001f680", "MARKS": "e\u0301\u0327"}


def iris_of_every_script() -> list[str]:
    made = [f"http://example.com/{letters}#{letters}" for letters in scripts().values()]
    return [*made, *(f"urn:{letters}:x" for letters in scripts().values())]


def test_iris_in_every_script_are_kept_and_found(fresh: Client) -> None:
    iris = iris_of_every_script()
    assert len(iris) > 300
    made = [
        a_statement(
            actor="x@example.com",
            verb=iri,
            activity=iri,
            result={"extensions": {iri: iri}},
            context={"extensions": {iri: {iri: iri}}},
        )
        | {"actor": {"account": {"homePage": iri, "name": iri}}}
        for iri in iris
    ]
    kept(fresh, *made)
    for statement, iri in list(zip(made, iris, strict=True))[::7]:
        assert page(fresh, verb=iri) == [statement["id"]]
        assert page(fresh, activity=iri) == [statement["id"]]
        assert page(fresh, agent=statement["actor"]) == [statement["id"]]
        answer: Any = fresh.get(f"/xapi/activities?activityId={quote(iri, safe='')}")
        assert answer.json["id"] == iri


def test_documents_of_iris_in_every_script_are_kept_apart(fresh: Client) -> None:
    iris = iris_of_every_script()[::9]
    for iri in iris:
        where = f"/xapi/activities/profile?activityId={quote(iri, safe='')}"
        put: Any = fresh.put(
            f"{where}&profileId={quote(iri, safe='')}",
            data=iri.encode(),
            content_type="text/plain",
            headers={"If-None-Match": "*"},
        )
        assert put.status_code == 204
        listed: Any = fresh.get(where)
        assert listed.json == [iri]
        got: Any = fresh.get(f"{where}&profileId={quote(iri, safe='')}")
        assert got.data.decode() == iri


def test_iris_that_only_look_alike_are_different(fresh: Client) -> None:
    alike = (
        *(
            "http://a.example/\u00e9",
            "http://a.example/e\u0301",
            "http://a.example/%C3%A9",
        ),
        *(
            "http://a.example/%c3%a9",
            "http://A.example/\u00e9",
            "HTTP://a.example/\u00e9",
        ),
        *("http://a.example/a", "http://a.example/\u0430", "http://a.example/a/"),
        *("http://a.example:80/a", "http://a.example/./a", "http://a.example/%61"),
    )
    made = [a_statement(activity=iri) for iri in alike]
    post(fresh, *made)
    for statement, iri in zip(made, alike, strict=True):
        assert page(fresh, activity=iri) == [statement["id"]]
