"""The workforce's history: spells, assignments, managers, units, leave, identifiers.

Goes in: the rows of the ledger, every version with its recorded time. Comes out: one
bitemporal table a noun (the .sql files here; ``steps`` holds what they share). The
ledger is the truth; everything here can be derived again.
"""
