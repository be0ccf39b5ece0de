"""Proposals: what requirements would mean for people before they go live.

In: the requirements in force and those proposed. Out: who is covered by them, since
when and until when, what changes, and what in them looks like a slip of the pen. The
arithmetic is that of the reports; nothing is written.
"""
