"""The law of xAPI, pure: no I/O, and nothing of ours outside this package."""
