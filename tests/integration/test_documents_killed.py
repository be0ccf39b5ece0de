"""kill -9 of MongoDB under writers of documents: what was acknowledged is there."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from pymongo.errors import PyMongoError

from config.settings import Settings
from lrs.access import Principal, Scope
from lrs.document_store import Context, Document, Place, Resource
from lrs.documents import Documents
from lrs.errors import LrsError
from lrs.services import opened
from lrs.store.embedded_folder import Folder
from lrs.xapi.versions import Version

WHO = Principal("default", "key", frozenset({Scope.ALL}), {})
CONTEXT = Context(Resource.STATE, activity="http://a.example/", agent="mbox x")
MERGED = Place(CONTEXT, "merged")
WRITERS = 4


def sent(content: object) -> Document:
    return Document(json.dumps(content).encode(), "application/json")


def content(documents: Documents, place: Place) -> dict[str, int]:
    found: dict[str, int] = json.loads(documents.one(WHO, place).content)
    return found


class Writing:
    """Writers that count: each in a document of its own, and all into one."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._stop = threading.Event()
        self.begun = dict.fromkeys(range(WRITERS), 0)
        self.acknowledged = dict.fromkeys(range(WRITERS), 0)
        self.merged = dict.fromkeys(range(WRITERS), 0)
        self.acknowledged_merges: set[str] = set()
        self._threads = [
            threading.Thread(target=self._write, args=(number,))
            for number in range(WRITERS)
        ]

    def __enter__(self) -> Writing:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(120)

    def wait_for(self, more: int) -> None:
        """Wait until every writer has counted so much further."""
        goal = {number: at + more for number, at in self.merged.items()}
        end = time.monotonic() + 90
        while any(self.merged[number] < goal[number] for number in goal):
            assert time.monotonic() < end, "nothing is taken any more"
            time.sleep(0.01)

    def _write(self, number: int) -> None:
        own, count = Place(CONTEXT, f"own-{number}"), 0
        while not self._stop.is_set():
            count += 1
            self.begun[number] = count
            body = sent({"count": count})
            if self._done(
                lambda body=body: self._documents.put(WHO, own, body, Version.V1_0_3)
            ):
                self.acknowledged[number] = count
            name = f"{number}-{count}"
            merge = sent({name: count})
            if self._done(lambda merge=merge: self._documents.post(WHO, MERGED, merge)):
                self.merged[number] = count
                self.acknowledged_merges.add(name)

    def _done(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except (PyMongoError, LrsError):
            return False
        return True


def test_the_embedded_mongodb_under_writers_of_documents(settings: Settings) -> None:
    own = replace(settings, mongodb_uri=None)
    with opened(own) as services:
        folder = Folder(own.data_dir / "mongodb")
        with Writing(services.documents) as writing:
            for _ in range(2):
                writing.wait_for(10)
                server = folder.server()
                assert server
                os.kill(server.mongod, signal.SIGKILL)
                end = time.monotonic() + 60
                while folder.server() in (None, server):
                    assert time.monotonic() < end
                    time.sleep(0.05)
            writing.wait_for(10)
    with opened(own) as services:  # from the files alone
        merged = content(services.documents, MERGED)
        for number in range(WRITERS):
            count = content(services.documents, Place(CONTEXT, f"own-{number}"))
            acknowledged, begun = writing.acknowledged[number], writing.begun[number]
            assert acknowledged <= count["count"] <= begun
        assert writing.acknowledged_merges <= set(merged)
        assert all(name.endswith(f"-{count}") for name, count in merged.items())
