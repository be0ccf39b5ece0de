"""Comparing: what differs between two exports that are whole."""

from __future__ import annotations

from analytics.audit.form import shown
from analytics.audit.verifying import Verified


def differences(one: Verified, other: Verified) -> list[str]:
    """Return a line for each parameter and file that differs."""
    lines = [
        f"{name}: {one.parameters.get(name)} and {other.parameters.get(name)}"
        for name in sorted({*one.parameters, *other.parameters})
        if one.parameters.get(name) != other.parameters.get(name)
    ]
    for path in sorted({*one.files, *other.files}):
        here, there = one.files.get(path), other.files.get(path)
        if here == there:
            continue
        if here is None or there is None:
            lines.append(f"{path}: only in the {'second' if here is None else 'first'}")
        elif here.rows is not None and here.rows != there.rows:
            lines.append(f"{path}: {here.rows} rows and {there.rows}")
        else:
            lines.append(f"{path}: differs")
    return list(map(shown, lines))
