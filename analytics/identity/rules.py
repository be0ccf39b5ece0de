"""Rules: how an account or an address leads to a person, from config/identity.toml.

``[[account]]`` says what the name of an account of a homePage is: an ``employee_id``,
an ``email``, or the name of the same account at another ``home_page`` (``same_as``).
``plus_tags`` says whether ann+course@example.com is ann@example.com. What is wrong in
a file is refused with the file, the key and the reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from analytics.toml_files import NotToml, read_toml
from lrs.errors import BadRequest

SCHEMES = ("employee_id", "email", "home_page")
PLUS_TAGS = ("keep", "strip")
_TOP = ("plus_tags", "account")
_KEYS = ("home_page", "scheme", "same_as", "lower", "prefix", "suffix")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


class WrongRules(BadRequest):
    """The file cannot be used; names file, key and reason."""


@dataclass(frozen=True, slots=True)
class AccountRule:
    """What the name of an account of this homePage is.

    ``prefix`` and ``suffix`` are taken off where they stand; ``lower``: the letter
    case of an employee_id means nothing (that of an address never does).
    """

    home_page: str
    scheme: str
    same_as: str = ""
    lower: bool = False
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything the file says; ``accounts`` by homePage."""

    accounts: tuple[AccountRule, ...] = ()
    strip_plus_tags: bool = False

    def document(self) -> dict[str, Any]:
        """Return the rules as the truth keeps them."""
        return {
            "strip_plus_tags": self.strip_plus_tags,
            "accounts": [asdict(rule) for rule in self.accounts],
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Rules:
        """Return the rules of a ``document``."""
        return cls(
            tuple(AccountRule(**rule) for rule in document["accounts"]),
            document["strip_plus_tags"],
        )


def load(path: Path) -> Rules:
    """Return the rules of a file; raises WrongRules."""
    try:
        values, _ = read_toml(path)
    except NotToml as error:
        raise WrongRules(f"{path.name}: it {error}.") from None
    except OSError as error:
        raise WrongRules(
            f"{path}: it cannot be read ({error.strerror}; LRS_IDENTITY_FILE)."
        ) from None
    _known(path, "", values, _TOP)
    plus_tags = values.get("plus_tags", "keep")
    if plus_tags not in PLUS_TAGS:
        raise WrongRules(f"{path.name}: plus_tags must be keep or strip.")
    listed = values.get("account", [])
    if not isinstance(listed, list):
        raise WrongRules(f"{path.name}: account must be written [[account]].")
    accounts: dict[str, AccountRule] = {}
    for place, item in enumerate(listed, start=1):
        rule = _account(path, f"account {place}: ", item)
        if rule.home_page in accounts:
            raise WrongRules(
                f"{path.name}: account {place}: home_page stands twice: "
                f"{rule.home_page}."
            )
        accounts[rule.home_page] = rule
    ordered = tuple(accounts[page] for page in sorted(accounts))
    return Rules(ordered, plus_tags == "strip")


def _account(path: Path, where: str, item: object) -> AccountRule:
    if not isinstance(item, dict):
        raise WrongRules(f"{path.name}: {where}must be a table.")
    _known(path, where, item, _KEYS)
    for key in ("home_page", "scheme", "same_as", "prefix", "suffix"):
        if not isinstance(item.get(key, ""), str):
            raise WrongRules(f"{path.name}: {where}{key} must be a text.")
    if type(item.get("lower", False)) is not bool:
        raise WrongRules(f"{path.name}: {where}lower must be true or false.")
    given: dict[str, Any] = {"home_page": "", "scheme": "", **item}
    rule = AccountRule(**given)
    if not _IRI.fullmatch(rule.home_page):
        raise WrongRules(f"{path.name}: {where}home_page must be an IRI.")
    if rule.scheme not in SCHEMES:
        raise WrongRules(
            f"{path.name}: {where}scheme must be one of: {', '.join(SCHEMES)}."
        )
    if (rule.scheme == "home_page") != bool(rule.same_as):
        raise WrongRules(
            f"{path.name}: {where}same_as and the scheme home_page belong together."
        )
    if rule.same_as and not _IRI.fullmatch(rule.same_as):
        raise WrongRules(f"{path.name}: {where}same_as must be an IRI.")
    if rule.same_as == rule.home_page:
        raise WrongRules(f"{path.name}: {where}same_as is the home_page itself.")
    if rule.lower and rule.scheme != "employee_id":
        raise WrongRules(f"{path.name}: {where}lower is for the scheme employee_id.")
    return rule


def _known(
    path: Path, where: str, values: Mapping[str, Any], keys: tuple[str, ...]
) -> None:
    for key in values:
        if key not in keys:
            raise WrongRules(
                f"{path.name}: {where}{key[:60]} is not among: {', '.join(keys)}."
            )
