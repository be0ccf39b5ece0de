"""Python's search for garbage, made rare while a delivery is read.

A million records make very many objects, hardly one of them in a circle; at the
usual rate the search for circles takes a fifth of an import.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_RARE = (50_000, 20, 50)  # new objects; younger generations before an elder one


@contextmanager
def rare_collections() -> Iterator[None]:
    """Search rarely until the end of the block; usable as a decorator."""
    before = gc.get_threshold()
    gc.set_threshold(*_RARE)
    try:
        yield
    finally:
        gc.set_threshold(*before)
