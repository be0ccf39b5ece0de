"""An S3-compatible server in a process of its own (moto), and an empty bucket there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyarrow import fs

from tests.programs import ROOT

BUCKET = "lake-of-tests"
_KEY, _SECRET = "key", "of nobody"


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Yield the bucket's address; the environment leads this process there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    # Not moto's own server: it takes a connection and a thread for each request, and
    # thrice the time.
    command = [
        *(sys.executable, "-m", "gunicorn", "--worker-class", "gthread"),
        *("--threads", "8", "--keep-alive", "60", "--graceful-timeout", "0"),
        *("--bind", f"127.0.0.1:{port}", "tests.integration.s3_application"),
    ]
    with (folder / "s3.log").open("wb") as log, pytest.MonkeyPatch.context() as patch:
        server = subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            env=os.environ | {"TMPDIR": str(folder)},
            cwd=ROOT,
        )
        try:
            _make_bucket(address, server)
            patch.setenv("AWS_ENDPOINT_URL", address)
            patch.setenv("AWS_ALLOW_HTTP", "true")
            patch.setenv("AWS_ACCESS_KEY_ID", _KEY)
            patch.setenv("AWS_SECRET_ACCESS_KEY", _SECRET)
            patch.setenv("AWS_REGION", "us-east-1")
            yield f"s3://{BUCKET}"
        finally:
            server.terminate()
            server.wait()


def fetched(prefix: str, folder: Path) -> Path:
    """Copy every object below a prefix of the bucket into a folder."""
    store = fs.S3FileSystem(
        access_key=_KEY,
        secret_key=_SECRET,
        region="us-east-1",
        endpoint_override=os.environ["AWS_ENDPOINT_URL"],
    )
    fs.copy_files(
        f"{BUCKET}/{prefix}",
        str(folder),
        source_filesystem=store,
        destination_filesystem=fs.LocalFileSystem(),
    )
    return folder


def _make_bucket(address: str, server: subprocess.Popen[bytes]) -> None:
    ask = urllib.request.Request(f"{address}/{BUCKET}", method="PUT")  # noqa: S310
    until = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(ask).close()  # noqa: S310
            return
        except urllib.error.URLError:
            assert server.poll() is None
            assert time.monotonic() < until
            time.sleep(0.1)
