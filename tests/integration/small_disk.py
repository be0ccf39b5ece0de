"""A small disk of a test's own: it can be filled to the last byte, and be given room.

A file system in memory, mounted where the system lets us (as root, mostly); the kernel
refuses writes to it as to any full disk.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class NotAllowed(Exception):
    """Nothing may be mounted by this user."""


class SmallDisk:
    """A mounted disk; its size can be changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def used(self) -> int:
        return shutil.disk_usage(self.folder).used

    def leave(self, octets: int) -> None:
        """Let so much room be left."""
        size = self.used + octets
        _mount("-o", f"remount,size={size}", str(self.folder))


@contextmanager
def small_disk(folder: Path, octets: int) -> Iterator[SmallDisk]:
    """Mount a disk of this size; raises NotAllowed."""
    folder.mkdir()
    try:
        _mount("-t", "tmpfs", "-o", f"size={octets}", "none", str(folder))
    except (subprocess.CalledProcessError, FileNotFoundError):
        raise NotAllowed from None
    try:
        yield SmallDisk(folder)
    finally:
        os.sync()
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)
