"""Lets plain `pytest` find the package tests.oracle from the checkout.

Superfluous as soon as pyproject.toml says `pythonpath = ["."]` for pytest.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[3]))
