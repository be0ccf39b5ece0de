"""Rules: how an account or an address leads to a person, from config/identity.toml.

``[[account]]`` says what the name of an account of a homePage is: an ``employee_id``,
an ``email``, or the name of the same account at another ``home_page`` (``same_as``).
``plus_tags`` says whether ann+course@example.com is ann@example.com. ``[[domain]]``
says whose addresses of a domain are: of these worker types, so that a customer's record
claims no address of the company. What is wrong in a file is refused with the file, the
key and the reason.
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
WORKER_TYPES = ("employee", "contractor", "customer", "partner")
_TOP = ("plus_tags", "account", "domain")
_DOMAIN_KEYS = ("name", "worker_types")
_DOMAIN = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
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
class DomainRule:
    """Addresses of a domain (lower case) belong to people of these worker types."""

    name: str
    worker_types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything the file says; ``accounts`` by homePage, ``domains`` by name."""

    accounts: tuple[AccountRule, ...] = ()
    strip_plus_tags: bool = False
    domains: tuple[DomainRule, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the rules as the truth keeps them."""
        return {
            "strip_plus_tags": self.strip_plus_tags,
            "accounts": [asdict(rule) for rule in self.accounts],
            "domains": [
                {"name": rule.name, "worker_types": list(rule.worker_types)}
                for rule in self.domains
            ],
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Rules:
        """Return the rules of a ``document``."""
        return cls(
            tuple(AccountRule(**rule) for rule in document["accounts"]),
            document["strip_plus_tags"],
            tuple(
                DomainRule(rule["name"], tuple(rule["worker_types"]))
                for rule in document.get("domains", ())  # none in former releases
            ),
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
    accounts: dict[str, AccountRule] = {}
    for place, item in enumerate(_listed(path, values, "account"), start=1):
        rule = _account(path, f"account {place}: ", item)
        if rule.home_page in accounts:
            raise WrongRules(
                f"{path.name}: account {place}: home_page stands twice: "
                f"{rule.home_page}."
            )
        accounts[rule.home_page] = rule
    domains: dict[str, DomainRule] = {}
    for place, item in enumerate(_listed(path, values, "domain"), start=1):
        found = _domain(path, f"domain {place}: ", item)
        if found.name in domains:
            raise WrongRules(
                f"{path.name}: domain {place}: name stands twice: {found.name}."
            )
        domains[found.name] = found
    return Rules(
        tuple(accounts[page] for page in sorted(accounts)),
        plus_tags == "strip",
        tuple(domains[name] for name in sorted(domains)),
    )


def _listed(path: Path, values: Mapping[str, Any], key: str) -> list[object]:
    listed = values.get(key, [])
    if not isinstance(listed, list):
        raise WrongRules(f"{path.name}: {key} must be written [[{key}]].")
    return listed


def _domain(path: Path, where: str, item: object) -> DomainRule:
    if not isinstance(item, dict):
        raise WrongRules(f"{path.name}: {where}must be a table.")
    _known(path, where, item, _DOMAIN_KEYS)
    name, types = item.get("name"), item.get("worker_types")
    if not isinstance(name, str) or not _DOMAIN.fullmatch(name.lower()):
        raise WrongRules(f"{path.name}: {where}name must be like example.com.")
    if (
        not isinstance(types, list)
        or not types
        or any(one not in WORKER_TYPES for one in types)
    ):
        raise WrongRules(
            f"{path.name}: {where}worker_types must list some of: "
            f"{', '.join(WORKER_TYPES)}."
        )
    return DomainRule(name.lower(), tuple(sorted(set(types))))


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
