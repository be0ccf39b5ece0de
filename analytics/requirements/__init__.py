"""Requirements: mandatory training as written in config/requirements/*.toml.

``model`` is what a file may say, ``reading`` takes one file, ``folder`` several
together, ``lines`` finds where in a file a key stands. Files are read at every call,
so that a changed requirement acts at once. What each key means stands in
config/requirements/README.md.
"""

from analytics.requirements.folder import load, together
from analytics.requirements.model import (
    WORKER_TYPES,
    Requirement,
    WrongRequirement,
)
from analytics.requirements.reading import read

__all__ = [
    "WORKER_TYPES",
    "Requirement",
    "WrongRequirement",
    "load",
    "read",
    "together",
]
