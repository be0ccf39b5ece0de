"""Standings, made once and kept: what most reports read, for a day as known then."""
