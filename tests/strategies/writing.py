"""JSON written in many styles, all of which say the same.

Keys in any order, white space or none, letters escaped or not; a number as its Digits.
"""

from __future__ import annotations

import json
import random
from typing import Any

from tests.strategies.values import Digits

_SPACES = ("", "", " ", "\n  ", "\t", " \r\n")


def written(value: Any, style: int = 0) -> str:
    """Return the value as JSON; style 0 is compact and keeps the order of keys."""
    return _Writer(style).write(value)


class _Writer:
    def __init__(self, style: int) -> None:
        self._rng = random.Random(style) if style else None
        self._escaped = style % 2 == 1

    def _space(self) -> str:
        return self._rng.choice(_SPACES) if self._rng else ""

    def write(self, value: Any) -> str:
        if isinstance(value, Digits):
            return value.text
        if isinstance(value, dict):
            names = list(value)
            if self._rng:
                self._rng.shuffle(names)
            return self._around(
                "{}", [self._member(name, value[name]) for name in names]
            )
        if isinstance(value, list):
            return self._around("[]", [self.write(item) for item in value])
        return json.dumps(value, ensure_ascii=self._escaped)

    def _member(self, name: str, value: Any) -> str:
        return f"{self.write(name)}{self._space()}:{self._space()}{self.write(value)}"

    def _around(self, brackets: str, items: list[str]) -> str:
        inner = ",".join(f"{self._space()}{item}{self._space()}" for item in items)
        return f"{brackets[0]}{inner or self._space()}{brackets[1]}"
