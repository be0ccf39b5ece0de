"""Verb: the action of a Statement.

Spec: xAPI-Data 2.4.3, and 2.3.2 for the one Verb that the specification reserves.
In: the value of ``verb``. Out: Violations.
"""

from __future__ import annotations

from lrs.xapi.checks import iri, language_map, properties

_SECTION = "xapi-data:2.4.3"

VOIDED = "http://adlnet.gov/expapi/verbs/voided"

verb = properties(
    {"id": iri(_SECTION), "display": language_map}, _SECTION, required=("id",)
)
