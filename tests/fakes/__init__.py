"""Fakes of HR systems: real HTTP servers with the faults that real ones have."""
