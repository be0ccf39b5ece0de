"""Corrections: a steward mends the records themselves that a run set aside.

What waits is given out as a table (``giving_out``), one row a record with the fields
that the mapping reads; what comes back is held against the quarantine as it is now
(``taking_back``) and goes the way of every replay, with who corrected it and why.
"""
