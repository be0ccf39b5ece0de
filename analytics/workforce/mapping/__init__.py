"""Mappings: which field of a delivered file becomes which canonical column.

A mapping is a TOML file (config/hris/README.md describes it): ``loading`` reads it,
``readings`` and ``steps`` are what it may say of a field, ``sensitive`` what it may not
name, ``term_tables`` what it says of runs. ``mapping`` turns records into rows.
"""

from analytics.workforce.mapping.cells import Cell, Cells, FieldError
from analytics.workforce.mapping.loading import load_mapping
from analytics.workforce.mapping.mapping import Mapped, Mapping, canonical
from analytics.workforce.mapping.schedule import Schedule

__all__ = [
    "Cell",
    "Cells",
    "FieldError",
    "Mapped",
    "Mapping",
    "Schedule",
    "canonical",
    "load_mapping",
]
