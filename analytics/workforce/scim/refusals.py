"""What a SCIM request is refused with (RFC 7644 3.12): status, keyword and sentence."""

from __future__ import annotations

from typing import Literal

Keyword = Literal[
    "invalidFilter",
    "tooMany",
    "uniqueness",
    "mutability",
    "invalidSyntax",
    "invalidPath",
    "noTarget",
    "invalidValue",
]


class Refusal(Exception):
    """A refused request; ``detail`` goes back to its sender and into no log."""

    def __init__(
        self, status: int, detail: str, keyword: Keyword | str | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.keyword = keyword


def no_user() -> Refusal:
    """Return what answers for an id that no user of the tenant has."""
    return Refusal(404, "This tenant has no user with this id.")
