"""``python -m lrs`` is the program ``lrs``."""

from __future__ import annotations

from lrs.cli import main

main()
