"""Enrichment: the truth, joined with the workforce of the day, into the lake."""
