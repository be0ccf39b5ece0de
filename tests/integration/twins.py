"""A company filled once, and given to each test as a copy of its own.

In: the settings over which it was filled, its services closed, and those of the copy.
What stands in MongoDB and in the lake is copied as it is: documents, and files.
"""

from __future__ import annotations

import shutil

from pymongo import MongoClient

from config.settings import Settings
from lrs.services import opened


def copy(filled: Settings, to: Settings) -> None:
    """Let ``to`` have everything that ``filled`` has; ``to`` has had nothing before."""
    with opened(to):  # collections and indexes
        pass
    with MongoClient[dict[str, object]](filled.mongodb_uri) as client:
        source, target = client[filled.database], client[to.database]
        for name in source.list_collection_names():
            target[name].delete_many({})
            documents = list(source[name].find())
            if documents:
                target[name].insert_many(documents)
    shutil.copytree(filled.data_dir, to.data_dir, dirs_exist_ok=True)
