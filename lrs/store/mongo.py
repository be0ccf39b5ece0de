"""The connection to MongoDB, and what its failures mean to a caller.

Every write is acknowledged by a majority and in the journal; reads come from the
primary. Times out rather than hangs.
"""

from __future__ import annotations

from typing import Any

from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import (
    ConfigurationError,
    InvalidURI,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)
from pymongo.write_concern import WriteConcern

from lrs.errors import LrsError, SetupError, TooLarge, Unavailable

Document = dict[str, Any]
_OLDEST_WIRE = 13  # of MongoDB 5.0
_TOO_LARGE = (10334, 17419, 17420)  # BSONObjectTooLarge, of an update in two ways
_TRANSACTION_TOO_LARGE = 388  # more than the cache can hold: trying again is no use
JOURNALED = WriteConcern(w="majority", j=True)
_OPTIONS: CodecOptions[Document] = CodecOptions(
    tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
)


def connect(uri: str, *, select_seconds: int = 10) -> MongoClient[Document]:
    """Return a client; raises SetupError when the address cannot be one."""
    try:
        return MongoClient(
            uri,
            appname="workforce-lrs",
            serverSelectionTimeoutMS=select_seconds * 1000,
            connectTimeoutMS=5000,
            socketTimeoutMS=60_000,
            retryWrites=True,
        )
    except (InvalidURI, ConfigurationError, ValueError):
        raise SetupError(
            "LRS_MONGODB_URI is not a MongoDB address; it looks like "
            "mongodb://host1,host2/?replicaSet=NAME."
        ) from None


def database(client: MongoClient[Document], name: str) -> Database[Document]:
    """Return the database with our codec and write concern."""
    return client.get_database(name, codec_options=_OPTIONS, write_concern=JOURNALED)


def check(client: MongoClient[Document]) -> None:
    """Raise SetupError when the server is absent or cannot do transactions."""
    try:
        hello = client.admin.command("hello")
    except ServerSelectionTimeoutError:
        raise SetupError(
            "No MongoDB answers at LRS_MONGODB_URI; start it or correct the address."
        ) from None
    except PyMongoError as error:
        raise SetupError(
            f"MongoDB refused the connection ({type(error).__name__}); check user, "
            "password and TLS in LRS_MONGODB_URI."
        ) from None
    if hello.get("maxWireVersion", 0) < _OLDEST_WIRE:
        raise SetupError("This MongoDB is older than 5.0, whose snapshots are needed.")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise SetupError(
            "This MongoDB is a standalone server; batches need transactions, so "
            "start it as a replica set (one member is enough)."
        )


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
    return Unavailable(
        f"The database did not answer in time ({type(error).__name__}); nothing of "
        "this request was acknowledged. Try again.",
        headers={"Retry-After": "2"},
    )
