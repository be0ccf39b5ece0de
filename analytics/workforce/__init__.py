"""Workforce: HR rows, performance figures and exemptions, effective-dated and kept.

Files come in through ``importing``, are kept append-only by ``ledger`` and are read
from there by the enrichment.
"""
