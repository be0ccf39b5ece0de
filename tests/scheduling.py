"""Which files of tests one process runs, and no other.

In: the ids of tests, for ``--dist loadfile``. Out: a file's tests stay together, and so
do the files that need one costly fixture of the session.
"""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

_LIKE = {"tests/browser/test_report_pages.py": "tests/browser/test_whole_product.py"}


class Scheduling(LoadFileScheduling):
    """By file; some files together: what they need is then made once."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return _LIKE.get(file, file)
