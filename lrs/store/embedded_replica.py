"""Make the embedded mongod the primary of its one-member replica set.

In: the port and the process number of a mongod that is starting. Out: True once it
takes writes, with its member address set to where it now listens.

Transactions and change streams need a replica set. Its configuration lies in the data
and names the port, so another port means another configuration.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

_log = logging.getLogger(__name__)
_NOT_INITIALISED = 94


def become_primary(
    port: int, pid: int, is_alive: Callable[[], bool], seconds: float
) -> bool:
    """Return whether the server took writes before it ended or time was up."""
    deadline = time.monotonic() + seconds
    last = "it does not listen"
    # A plain socket first: a client whose first try failed waits half a second.
    while is_alive() and not _listens(port) and time.monotonic() < deadline:
        time.sleep(0.02)
    uri = f"mongodb://127.0.0.1:{port}/?directConnection=true"
    with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=1000) as client:
        while is_alive() and time.monotonic() < deadline:
            try:
                hello = client.admin.command("hello")
                if hello["isWritablePrimary"]:
                    return True
                if "setName" not in hello:
                    _configure(client, pid, f"127.0.0.1:{port}")
            except PyMongoError as error:
                last = str(error)
            time.sleep(0.02)
    _log.error("mongod on port %d is no primary: %s", port, last)
    return False


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _configure(client: MongoClient[dict[str, Any]], pid: int, host: str) -> None:
    # Whoever may have taken the port since we looked must not be reconfigured.
    if client.admin.command("serverStatus")["pid"] != pid:
        return
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code != _NOT_INITIALISED:
            raise
        members = [{"_id": 0, "host": host}]
        client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
        return
    if config["members"][0]["host"] != host:
        config["members"][0]["host"] = host
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)
