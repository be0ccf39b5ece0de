"""The lake: Delta tables that can be rebuilt from the truth at any time."""
