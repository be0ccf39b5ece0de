"""The identity file: what it may say, and how it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.identity.rules import (
    AccountRule,
    DomainRule,
    Rules,
    WrongRules,
    load,
)

PAGE = 'home_page = "https://sso.example.com"\n'
A = f"[[account]]\n{PAGE}"
OF_EMPLOYEES = f'{A}scheme = "employee_id"\n'
D = '[[domain]]\nname = "X.com"\n'
OF_DOMAIN = f'{D}worker_types = ["employee", "contractor"]\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "identity.toml"


def test_the_file_that_ships_says_nothing() -> None:
    assert load(Path(__file__).parents[3] / "config" / "identity.toml") == Rules()


def test_all_that_a_file_may_say(file: Path) -> None:
    file.write_text(
        f'plus_tags = "strip"\n{OF_EMPLOYEES}lower = true\n'
        'prefix = "A-"\nsuffix = "@x"\n'
        '[[account]]\nhome_page = "https://mail.example.com"\nscheme = "email"\n'
        '[[account]]\nhome_page = "https://new.example.com"\nscheme = "home_page"\n'
        'same_as = "https://old.example.com"\n'
        f"{OF_DOMAIN}"
    )
    rules = load(file)
    assert rules.strip_plus_tags
    assert rules.domains == (DomainRule("x.com", ("contractor", "employee")),)
    assert rules.accounts == (
        AccountRule("https://mail.example.com", "email"),
        AccountRule("https://new.example.com", "home_page", "https://old.example.com"),
        AccountRule("https://sso.example.com", "employee_id", "", True, "A-", "@x"),
    )
    assert Rules.of(rules.document()) == rules


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("plus_tags = [", "it is not TOML"),
        ("a = " + "[" * 5_000, "nested too deeply|not TOML"),
        ('plus_tags = "maybe"', "plus_tags must be keep or strip"),
        ("plus_tags = true", "plus_tags must be keep or strip"),
        ("plus_tag = 1", "plus_tag is not among: plus_tags, account"),
        ("domain = 1", r"domain must be written \[\[domain\]\]"),
        ("domain = [1]", "domain 1: must be a table"),
        ("[[domain]]\n", "domain 1: name must be like example.com"),
        ('[[domain]]\nname = "@x.com"', "domain 1: name must be like example.com"),
        (f"{D}", "domain 1: worker_types must list some of: employee, contractor"),
        (f"{D}worker_types = []", "domain 1: worker_types must list some of"),
        (f'{D}worker_types = ["staff"]', "domain 1: worker_types must list some of"),
        (f"{D}types = []", "domain 1: types is not among: name, worker_types"),
        (f"{OF_DOMAIN}{OF_DOMAIN}", "domain 2: name stands twice: x.com"),
        ("account = 1", r"account must be written \[\[account\]\]"),
        ("account = [1]", "account 1: must be a table"),
        ("[[account]]\n", "account 1: home_page must be an IRI"),
        ('[[account]]\nhome_page = "sso"', "account 1: home_page must be an IRI"),
        ("[[account]]\nhome_page = 7", "account 1: home_page must be a text"),
        (A, "account 1: scheme must be one of: employee_id, email, home_page"),
        (f'{A}scheme = "name"', "account 1: scheme must be one of"),
        (f"{OF_EMPLOYEES}prefx = 1", "account 1: prefx is not among: home_page"),
        (f'{OF_EMPLOYEES}lower = "yes"', "account 1: lower must be true or false"),
        (f'{A}scheme = "email"\nlower = true', "lower is for the scheme employee_id"),
        (
            f'{A}scheme = "home_page"',
            "same_as and the scheme home_page belong together",
        ),
        (f'{OF_EMPLOYEES}same_as = "https://x.y"', "belong together"),
        (f'{A}scheme = "home_page"\nsame_as = "x"', "same_as must be an IRI"),
        (
            f'{A}scheme = "home_page"\nsame_as = "https://sso.example.com"',
            "same_as is the home_page itself",
        ),
        (OF_EMPLOYEES * 2, "account 2: home_page stands twice: https://sso"),
    ],
)
def test_what_is_wrong_is_refused_with_file_key_and_rule(
    file: Path, text: str, says: str
) -> None:
    file.write_text(text)
    with pytest.raises(WrongRules, match=f"^identity.toml: .*{says}"):
        load(file)


def test_a_file_that_cannot_be_read_is_refused_with_its_setting(file: Path) -> None:
    with pytest.raises(WrongRules, match="LRS_IDENTITY_FILE"):
        load(file)
    file.write_bytes(b'plus_tags = "\xff"')
    with pytest.raises(WrongRules, match="not TOML"):
        load(file)
