"""The connection to MongoDB, and what its failures mean to a caller.

Every write is acknowledged by a majority at least and in the journal; reads come from
the primary. Times out rather than hangs: a request's time limit (``within``) holds for
everything that it asks of the database together, and each step of a job has one.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import pymongo
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    InvalidURI,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)
from pymongo.monitoring import TopologyListener
from pymongo.topology_description import TopologyDescription
from pymongo.write_concern import WriteConcern

from lrs.errors import LrsError, SetupError, TooLarge, Unavailable

Document = dict[str, Any]
SELECT_SECONDS = 10  # about as long as a replica set takes to elect
_OLDEST_WIRE = 13  # of MongoDB 5.0
_TOO_LARGE = (10334, 17419, 17420)  # BSONObjectTooLarge, of an update in two ways
_TRANSACTION_TOO_LARGE = 388  # more than the cache can hold: trying again is no use
_NO_ROOM = 14031  # OutOfDiskSpace
_NOT_ALLOWED = (13, 18, 8000)  # Unauthorized, AuthenticationFailed, Atlas' own
JOURNALED = WriteConcern(w="majority", j=True)
OPTIONS: CodecOptions[Document] = CodecOptions(
    tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
)
_RETRY = {"Retry-After": "2"}
_AGAIN = (
    "nothing of this request was acknowledged: send it again, its Statements with the "
    "same ids."
)
# What a driver's text on a server says, and in a word of ours; it names hosts itself.
_REASONS = (
    ("refused", "connection refused"),
    ("Name or service", "its name is not known"),
    ("name resolution", "its name is not known"),
    ("nodename nor", "its name is not known"),
    ("No route", "no route to it"),
    ("unreachable", "no route to it"),
    ("SSL", "TLS failed"),
    ("certificate", "TLS failed"),
    ("timed out", "no answer in time"),
    ("closed", "it closes the connection"),
    ("reset", "it closes the connection"),
)


def connect(
    uri: str,
    *,
    pool: int = 100,
    select_seconds: float = SELECT_SECONDS,
    listener: TopologyListener | None = None,
) -> MongoClient[Document]:
    """Return a client of at most ``pool`` connections; it connects when it is used.

    Raises SetupError when the address cannot be one.
    """
    try:
        return MongoClient(
            uri,
            appname="workforce-lrs",
            maxPoolSize=pool,
            serverSelectionTimeoutMS=int(select_seconds * 1000),
            # In both together a member that is frozen is known for it, and what waits
            # for its answer goes to the next primary: before that can be elected.
            heartbeatFrequencyMS=2000,
            connectTimeoutMS=3000,
            waitQueueTimeoutMS=10_000,
            socketTimeoutMS=60_000,
            retryWrites=True,
            event_listeners=[listener] if listener else [],
        )
    except (InvalidURI, ConfigurationError, ValueError):
        raise SetupError(
            "LRS_MONGODB_URI is not a MongoDB address; it looks like "
            "mongodb://host1,host2/?replicaSet=NAME."
        ) from None


def database(
    client: MongoClient[Document], name: str, *, write_concern: str = "majority"
) -> Database[Document]:
    """Return the database with our codec; writes are journaled by so many members."""
    w = int(write_concern) if write_concern.isdigit() else write_concern
    return client.get_database(
        name, codec_options=OPTIONS, write_concern=WriteConcern(w=w, j=True)
    )


def within(seconds: float) -> AbstractContextManager[Any]:
    """Let the database take so long for all that is asked of it inside the block."""
    return pymongo.timeout(seconds)


def check(client: MongoClient[Document], *, write_concern: str = "majority") -> None:
    """Ask the server whether it is fit.

    Raises SetupError when it must be set up otherwise, Unavailable when it does not
    answer, which may pass.
    """
    try:
        hello = client.admin.command("hello")  # which signs in first, where it must
    except ServerSelectionTimeoutError as error:
        raise _absent(error, client.topology_description) from None
    except ConnectionFailure:
        raise Unavailable(
            "MongoDB at LRS_MONGODB_URI broke the connection off.", headers=_RETRY
        ) from None
    if hello.get("maxWireVersion", 0) < _OLDEST_WIRE:
        raise SetupError("This MongoDB is older than 5.0, whose snapshots are needed.")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise SetupError(
            "This MongoDB is a standalone server; batches need transactions, so "
            "start it as a replica set (one member is enough)."
        )
    if write_concern.isdigit():
        _check_number(int(write_concern), hello)


def _check_number(number: int, hello: Document) -> None:
    """Raise SetupError where so many members are no majority, or more than there are.

    Fewer could lose in a failover what was acknowledged.
    """
    members = len(hello.get("hosts", ())) + len(hello.get("passives", ()))
    voting = members + len(hello.get("arbiters", ()))
    if not members:
        raise SetupError(
            "LRS_WRITE_CONCERN can only be majority with a sharded cluster."
        )
    if not voting // 2 < number <= members:
        raise SetupError(
            f"LRS_WRITE_CONCERN is {number}, and this replica set has {members} "
            "members with data: it must be majority, or from "
            f"{voting // 2 + 1} to {members}."
        )


def _absent(
    error: ServerSelectionTimeoutError, found: TopologyDescription
) -> SetupError | Unavailable:
    servers = found.server_descriptions().values()
    if not servers and found.replica_set_name:
        return SetupError(
            "No server at LRS_MONGODB_URI belongs to the replica set that it names; "
            "correct replicaSet there."
        )
    if any(server.is_server_type_known for server in servers):
        return Unavailable(
            "MongoDB at LRS_MONGODB_URI has no primary now: its members are electing "
            "one, or too few of them are up.",
            headers=_RETRY,
        )
    said = str(error)
    reason = next((ours for theirs, ours in _REASONS if theirs in said), "no answer")
    return Unavailable(
        f"No MongoDB answers at LRS_MONGODB_URI ({reason}); start it or correct the "
        "address.",
        headers=_RETRY,
    )


def as_setup_problem(error: PyMongoError) -> LrsError:
    """Return what a driver's error means at the start."""
    if isinstance(error, OperationFailure) and error.code in _NOT_ALLOWED:
        return SetupError(
            f"MongoDB does not let us in (code {error.code}): check user, password and "
            "authSource in LRS_MONGODB_URI, and that the user may read and write the "
            "database."
        )
    if isinstance(error, ConfigurationError):
        return SetupError(
            "MongoDB and LRS_MONGODB_URI do not fit together "
            f"({type(error).__name__}): check version, user and TLS."
        )
    return Unavailable(f"{fault(error)}.", headers=_RETRY)


def as_problem(error: PyMongoError) -> LrsError:
    """Return what a driver's error means to the one who asked."""
    if isinstance(error, OperationFailure):
        written = (error.details or {}).get("writeErrors", ())
        codes = {error.code, *(item["code"] for item in written)}
        if not codes.isdisjoint(_TOO_LARGE):
            return TooLarge("With all that it refers to, a Statement is over 16 MB.")
        if _TRANSACTION_TOO_LARGE in codes:
            return TooLarge(
                "The request is more than the database can store at once; send the "
                "Statements in several."
            )
    return Unavailable(f"{fault(error)}; {_AGAIN}", headers=_RETRY)


def fault(error: PyMongoError) -> str:
    """Return what is wrong with the database, as a sentence without its full stop."""
    if getattr(error, "code", None) == _NO_ROOM:
        return "The database has no room left on its disk"
    if isinstance(error, ServerSelectionTimeoutError):
        return "The database cannot be reached"
    if error.timeout:
        return "The database did not answer in time"
    if isinstance(error, ConnectionFailure):
        return "The connection to the database broke off"
    return f"The database could not do it ({type(error).__name__})"
