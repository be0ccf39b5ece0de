"""Hypothesis strategies of valid Statements, with all that the specification allows.

``statements(version)`` makes them as Python values in which a number is a ``Digits``;
``written`` writes them as JSON in one of many styles. Identifiers come from small pools
as often as not, so that Statements meet each other in queries.
"""

from tests.strategies.statements import statements
from tests.strategies.values import Digits
from tests.strategies.writing import written

__all__ = ["Digits", "statements", "written"]
