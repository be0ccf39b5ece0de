"""The mongod program: where it is, how it is run, and why it ended.

In: the folder and a port. Out: the process, or one sentence on what is missing and
what to do about it.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import signal
import subprocess
from pathlib import Path

from lrs.errors import SetupError
from lrs.processes import ends_with
from lrs.store.embedded_folder import Folder

PORT_TAKEN = 48
_OTHER_VERSION = 62
_STOP_SECONDS = 60.0
_HARDLY_ANY = 16 << 20
_WIREDTIGER_VERSION = "unsupported WiredTiger (source )?file version"
_LEAVE = "or set LRS_MONGODB_URI to a MongoDB of your own"


def find_mongod(root: Path | None = None) -> Path:
    """Return the mongod to run: the one on the PATH, else the one of the extra.

    ``root`` takes a copy of the extra's file where that one lacks its run bit and
    cannot be given it. Raises SetupError where there is none.
    """
    if on_path := shutil.which("mongod"):
        return Path(on_path).absolute()
    # Not imported: the package of the same name is a large one where it is complete.
    package = importlib.util.find_spec("fiftyone")
    for place in (package and package.submodule_search_locations) or ():
        packaged = Path(place) / "db" / "bin" / "mongod"
        if packaged.is_file():
            return _runnable(packaged, root)
    raise SetupError(
        f"No mongod was found for this platform ({platform.system()}"
        f" {platform.machine()}): run pip install 'workforce-lrs[embedded]' (Linux"
        f" x86-64), put a mongod on the PATH, {_LEAVE}."
    )


def _runnable(packaged: Path, root: Path | None) -> Path:
    if os.access(packaged, os.X_OK):
        return packaged
    try:
        packaged.chmod(packaged.stat().st_mode | 0o755)
    except OSError as error:
        if root is None:
            raise SetupError(
                f"{packaged} is not executable: run chmod +x on it, {_LEAVE}."
            ) from error
        copy = root / "mongod"
        if not copy.is_file() or copy.stat().st_size != packaged.stat().st_size:
            temporary = copy.with_name("mongod.new")
            shutil.copyfile(packaged, temporary)
            temporary.chmod(0o700)
            temporary.replace(copy)
        return copy
    return packaged


def start(
    binary: Path, folder: Folder, port: int, data_lock: int
) -> subprocess.Popen[bytes]:
    """Start mongod; it ends with the calling thread and shares ``data_lock``."""
    command = [
        *(str(binary), "--port", str(port), "--bind_ip", "127.0.0.1"),
        *("--nounixsocket", "--replSet", "rs0", "--oplogSize", "256"),
        *("--dbpath", str(folder.db), "--wiredTigerCacheSizeGB", "1"),
        *("--logpath", str(folder.log), "--logappend", "--logRotate", "reopen"),
        *("--quiet", "--setParameter", "diagnosticDataCollectionEnabled=false"),
        # What is slow it would log whole: Statements, documents, names, addresses.
        *("--slowOpSampleRate", "0"),
    ]
    with folder.log.open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(data_lock,),
            # Safe: the keeper has no thread of its own, and pymongo's are closed.
            preexec_fn=ends_with(os.getpid()),
        )


def stop(mongod: subprocess.Popen[bytes]) -> None:
    """Stop it cleanly; kill it only if it does not end for a minute."""
    mongod.terminate()
    try:
        mongod.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        mongod.kill()
        mongod.wait()


def explain(code: int, log: str, folder: Folder) -> str:
    """Return why mongod ended, and what to do, from its exit code and its log."""
    # On a full disk the log itself may be cut short.
    if "No space left on device" in log or not has_room(folder):
        return disk_full(folder)
    if library := re.search(r"loading shared libraries: ([\w.+-]+)", log):
        name = library[1]
        install = (
            "run apt-get install libcurl4"
            if name == "libcurl.so.4"
            else "install the system package that has it"
        )
        return f"mongod needs the system library {name}: {install}, {_LEAVE}."
    if "DBPathInUse" in log:
        return (
            f"Another MongoDB server uses the data folder {folder.db}: stop it, set"
            f" LRS_DATA_DIR to another folder, {_LEAVE}."
        )
    if code == PORT_TAKEN:
        return (
            "Every loopback port that was tried is busy: try again, or set"
            " LRS_MONGODB_URI to a MongoDB of your own."
        )
    if code == _OTHER_VERSION or re.search(_WIREDTIGER_VERSION, log):
        return (
            f"The data in {folder.db} was written by another version of MongoDB than"
            " this mongod can read: put that version's mongod on the PATH, or set"
            " LRS_DATA_DIR to another folder."
        )
    if code == -signal.SIGILL:
        return (
            "mongod cannot run on this processor (MongoDB 5 and later need AVX): set"
            " LRS_MONGODB_URI to a MongoDB on another machine."
        )
    if re.search("Permission denied|Read-only file system|read-only directory", log):
        return (
            f"mongod may not write in {folder.db}: give this user that folder, or set"
            " LRS_DATA_DIR to another one."
        )
    return (
        f"mongod ended with code {code}: the end of {folder.log} says why; mend that,"
        f" {_LEAVE}."
    )


def has_room(folder: Folder) -> bool:
    """Tell whether there is room for a mongod to start at all."""
    return shutil.disk_usage(folder.root).free >= _HARDLY_ANY


def disk_full(folder: Folder) -> str:
    """Return the sentence for a disk without room."""
    return (
        f"The disk of {folder.root} is full: free at least 500 MB, or set LRS_DATA_DIR"
        " to a folder with more room."
    )
