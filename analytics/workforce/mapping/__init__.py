"""Mappings: which field of a delivered file becomes which canonical column.

A mapping is a TOML file (config/hris/README.md describes it): ``loading`` reads it,
``readings`` and ``steps`` are what it may say of a field, ``sensitive`` what it may not
name, ``terms`` what it says of the runs. ``mapping`` turns records into canonical rows.
"""

from analytics.workforce.mapping.cells import Cell, Cells, FieldError
from analytics.workforce.mapping.loading import load_mapping
from analytics.workforce.mapping.mapping import Mapped, Mapping, canonical
from analytics.workforce.mapping.schedule import Schedule
from analytics.workforce.mapping.terms import DeliveryTerms, Terms, Valves

__all__ = [
    "Cell",
    "Cells",
    "DeliveryTerms",
    "FieldError",
    "Mapped",
    "Mapping",
    "Schedule",
    "Terms",
    "Valves",
    "canonical",
    "load_mapping",
]
