"""The shape of a value: how it is written, without what it says.

Whoever has to mend a file needs to see that a day came as ``99/99/9999``; nobody who
reads a log or a report needs the value, which a shifted row may have made a person's
address. Of a sensitive field, and of one that names somebody, only the length is told.
"""

from __future__ import annotations

_LONGEST = 30  # characters; of a longer text only the length is told
_KEPT = frozenset(" -/.,:;+@_|()[]{}<>'\"#%&=*")


def with_shape(reason: str, text: str, *, hidden: bool) -> str:
    """Return why a text is not taken, followed by its shape."""
    if not reason.startswith(("is not ", "is none ", "is neither ")):
        return reason  # of its length, or of a character that has no shape
    if hidden or len(text) > _LONGEST:
        return f"{reason} (it has {_counted(text, 'character')})"
    if text.isdigit():  # 9 alone would read like a value
        return f"{reason} (it is a number of {_counted(text, 'digit')})"
    if text.isalpha():
        return f"{reason} (it is a word of {_counted(text, 'letter')})"
    return f"{reason} (it looks like {_shape(text)})"


def _counted(text: str, what: str) -> str:
    return f"{len(text):,} {what}{'' if len(text) == 1 else 's'}"


def _shape(text: str) -> str:
    return "".join(
        "9" if one.isdigit() else "a" if one.isalpha() else one if one in _KEPT else "?"
        for one in text
    )
