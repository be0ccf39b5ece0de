"""Uploads and who ends them: kill -9, slow writers and the cleaner at once."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import signal
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo.errors import OperationFailure

from config.settings import Settings
from lrs.access import Principal, Scope
from lrs.attachments import Content
from lrs.errors import Unavailable
from lrs.services import Services
from lrs.store.attachments import CHUNK
from lrs.xapi import text
from lrs.xapi.versions import Version
from tests.conftest import KEY, SECRET, free_port, running, wait_until_ready
from tests.integration.sending import Batch, sending
from tests.integration.test_attachments import STATEMENTS, chunks, uploads, wait_until
from tests.multiparts import (
    an_attachment,
    body_of,
    content_part,
    content_type,
    statements_part,
    with_attachments,
)

HOUR = 3600
ALL = -60  # seconds: what grew a minute from now is old too
WRITER = Principal("default", "k", frozenset({Scope.ALL}), {"mbox": "mailto:k@x.org"})


def upload(services: Services, content: bytes) -> Content:
    """Put content into the store, finished and claimed by nobody."""
    begun = services.attachments.begin("default")
    begun.write(content)
    begun.finish()
    return Content(hashlib.sha256(content).hexdigest(), len(content), begun.id)


def store(services: Services, content: Content, statement_id: str = "") -> None:
    """Store a Statement that claims the content."""
    declared = an_attachment(b"", sha2=content.sha2, length=content.length)
    made = with_attachments(declared, id=statement_id or str(uuid.uuid4()))
    received, _ = text.split(statements_part(made)[1])
    contents = {content.sha2: content}
    services.recording.record(WRITER, received, Version.V1_0_3, contents=contents)


def kept(services: Services, sha2: str) -> bytes | None:
    """Return the content that the tenant has under a hash."""
    found = services.attachments.find("default", [sha2])
    return b"".join(services.attachments.read(*found[sha2])) if found else None


def owners(services: Services) -> set[str]:
    """Return what has a right to chunks: uploads under way and contents."""
    owned = services.database["attachments"].distinct("upload")
    return {*owned, *(row["_id"] for row in uploads(services))}


def check_nothing_is_without_owner(services: Services) -> None:
    held = set(services.database["attachments.chunks"].distinct("files_id"))
    assert held <= owners(services)
    files = set(services.database["attachments.files"].distinct("_id"))
    assert files == set(services.database["attachments"].distinct("upload"))


# -- killed -------------------------------------------------------------------------


def test_what_a_killed_server_left_of_an_upload_the_worker_removes(
    services: Services, tmp_path: Path
) -> None:
    bound = replace(services.settings, bind=f"127.0.0.1:{free_port()}")
    content = os.urandom(4 * CHUNK)
    statement = with_attachments(an_attachment(content))
    body = body_of(statements_part(statement), content_part(content))
    log = tmp_path / "serve.log"
    standing = upload(services, b"an older one, sent to its end")
    store(services, standing)
    with running(bound, "serve", log=log) as arbiter:
        wait_until_ready(f"http://{bound.bind}", log)
        halted = threading.Event()

        def half() -> Any:
            yield body[: 3 * CHUNK]
            halted.wait(60)
            yield body[3 * CHUNK :]

        def post() -> None:
            with pytest.raises(httpx.TransportError):
                httpx.post(
                    f"http://{bound.bind}{STATEMENTS}",
                    content=half(),
                    auth=(KEY, SECRET),
                    headers={
                        "X-Experience-API-Version": "1.0.3",
                        "Content-Type": content_type(),
                    },
                )

        sender = threading.Thread(target=post)
        sender.start()
        wait_until(lambda: chunks(services) >= 3)
        children = Path(f"/proc/{arbiter.pid}/task/{arbiter.pid}/children")
        for pid in (arbiter.pid, *map(int, children.read_text().split())):
            os.kill(pid, signal.SIGKILL)
        halted.set()
        sender.join(60)
    [left] = uploads(services)
    assert chunks(services) >= 3
    assert services.attachments.clean(seconds=HOUR) == 0  # perhaps it is still sent

    services.database["uploads"].update_one(
        {"_id": left["_id"]}, [{"$set": {"at": {"$subtract": ["$at", HOUR * 1000]}}}]
    )
    with running(services.settings, "worker", log=tmp_path / "worker.log"):
        wait_until(lambda: uploads(services) == [])
    assert kept(services, standing.sha2) == b"an older one, sent to its end"
    assert chunks(services) == 1
    assert '"uploads": 1' in (tmp_path / "worker.log").read_text().replace(":1", ": 1")


def test_killed_servers_under_load_lose_no_content_and_keep_no_rest(
    services: Services, settings: Settings, tmp_path: Path
) -> None:
    bound = replace(settings, bind=f"127.0.0.1:{free_port()}", workers=2)
    log, rng = tmp_path / "serve.log", random.Random(7)
    http = httpx.Client(
        base_url=f"http://{bound.bind}",
        auth=(KEY, SECRET),
        headers={"X-Experience-API-Version": "1.0.3", "Content-Type": content_type()},
        timeout=60,
    )

    def post(batch: Batch) -> bool:
        content = os.urandom(rng.randint(1, 3 * CHUNK))
        batch[0]["attachments"] = [an_attachment(content)]
        body = body_of(statements_part(*batch), content_part(content))
        try:
            return http.post(STATEMENTS, content=body).status_code == 200
        except httpx.TransportError:
            return False

    with http, running(bound, "serve", log=log) as arbiter:
        wait_until_ready(str(http.base_url), log)
        with sending(post) as sent:
            for _ in range(4):
                sent.wait_for(5)
                time.sleep(rng.uniform(0, 0.2))
                children = Path(f"/proc/{arbiter.pid}/task/{arbiter.pid}/children")
                worker = rng.choice(children.read_text().split())
                os.kill(int(worker), signal.SIGKILL)
            sent.wait_for(5)
    assert sent.unanswered
    for batch in sent.acknowledged:
        declared = batch[0]["attachments"][0]
        found = kept(services, declared["sha2"])
        assert found is not None
        assert hashlib.sha256(found).hexdigest() == declared["sha2"]
    end_what_the_dead_left_open(services)
    services.attachments.clean(seconds=ALL)
    assert uploads(services) == []
    check_nothing_is_without_owner(services)


def end_what_the_dead_left_open(services: Services) -> None:
    """Abort transactions that nobody goes on with; MongoDB itself takes a minute.

    The cleaner meets none of them: it waits an hour.
    """
    time.sleep(2)
    admin = services.client.admin
    for found in admin.aggregate([{"$currentOp": {"idleSessions": True}}]):
        if found.get("transaction", {}).get("timeOpenMicros", 0) > 2_000_000:
            with contextlib.suppress(OperationFailure):
                admin.command({"killSessions": [{"id": found["lsid"]["id"]}]})


# -- the cleaner --------------------------------------------------------------------


def test_an_upload_is_cleaned_when_it_has_not_grown_for_the_time(
    services: Services,
) -> None:
    lost = upload(services, os.urandom(CHUNK + 1))
    assert services.attachments.clean(seconds=60) == 0
    assert chunks(services) == 2
    assert services.attachments.clean(seconds=ALL) == 1
    assert (uploads(services), chunks(services)) == ([], 0)
    with pytest.raises(Unavailable, match="send the request again"):
        store(services, lost)
    assert kept(services, lost.sha2) is None
    check_nothing_is_without_owner(services)


def test_a_writer_that_was_too_slow_goes_no_further(services: Services) -> None:
    begun = services.attachments.begin("default")
    begun.write(bytes(CHUNK))
    assert services.attachments.clean(seconds=ALL) == 1
    with pytest.raises(Unavailable, match="too slowly"):
        begun.write(bytes(CHUNK))
    assert (uploads(services), chunks(services)) == ([], 0)


def test_cleaning_that_was_cut_off_is_done_to_its_end(services: Services) -> None:
    lost = upload(services, b"content")
    doomed = {"$set": {"doomed": True}}
    services.database["uploads"].update_one({"_id": lost.upload}, doomed)
    with pytest.raises(Unavailable):
        store(services, lost)
    assert services.attachments.clean() == 1
    assert (uploads(services), chunks(services)) == ([], 0)


def test_another_upload_of_stored_content_is_cleaned_without_it(
    services: Services,
) -> None:
    store(services, upload(services, b"content"))
    again = upload(services, b"content")
    store(services, again)
    assert chunks(services) == 2
    assert services.attachments.clean(seconds=ALL) == 1
    assert kept(services, again.sha2) == b"content"
    check_nothing_is_without_owner(services)


def test_no_tenant_claims_the_upload_of_another(services: Services) -> None:
    begun = services.attachments.begin("another")
    begun.write(b"content")
    begun.finish()
    sha2 = hashlib.sha256(b"content").hexdigest()
    with pytest.raises(Unavailable):
        store(services, Content(sha2, 7, begun.id))


# -- at once ------------------------------------------------------------------------


def at_once(*acts: Callable[[], None]) -> list[BaseException | None]:
    """Run these in threads that begin together; return what each raised."""
    begin = threading.Barrier(len(acts))
    raised: list[BaseException | None] = [None] * len(acts)

    def run(at: int) -> None:
        begin.wait()
        try:
            acts[at]()
        except BaseException as error:
            raised[at] = error

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


def test_of_a_slow_writer_and_the_cleaner_one_wins(services: Services) -> None:
    rng, won = random.Random(3), []
    for _ in range(40):
        content = os.urandom(CHUNK + 5)
        begun = services.attachments.begin("default")
        begun.write(content[:CHUNK])
        sha2 = hashlib.sha256(content).hexdigest()

        def write(
            begun: Any = begun, content: bytes = content, sha2: str = sha2
        ) -> None:
            begun.write(content[CHUNK:])
            begun.finish()
            store(services, Content(sha2, len(content), begun.id))

        def clean() -> None:
            time.sleep(rng.uniform(0, 0.02))
            services.attachments.clean(seconds=ALL)

        raised, other = at_once(write, clean)
        assert other is None
        if raised is None:
            assert kept(services, sha2) == content
        else:
            assert isinstance(raised, Unavailable)
            assert kept(services, sha2) is None
        won.append(raised is None)
        assert uploads(services) == []
        check_nothing_is_without_owner(services)
    assert {*won} == {True, False}  # or the race was none


def test_the_same_content_from_several_at_once_is_stored_once(
    services: Services,
) -> None:
    for _ in range(10):
        content = os.urandom(100)
        sent = [upload(services, content) for _ in range(4)]
        assert at_once(*(partial(store, services, one) for one in sent)) == [None] * 4
        services.attachments.release([one.upload for one in sent])
        assert kept(services, sent[0].sha2) == content
    assert (uploads(services), chunks(services)) == ([], 10)
    check_nothing_is_without_owner(services)


def test_the_same_statement_with_its_content_from_several_at_once(
    services: Services,
) -> None:
    for _ in range(10):
        statement_id, content = str(uuid.uuid4()), os.urandom(100)
        sent = [upload(services, content) for _ in range(3)]
        acts = [partial(store, services, one, statement_id) for one in sent]
        assert at_once(*acts) == [None] * 3
        services.attachments.release([one.upload for one in sent])
    assert (uploads(services), chunks(services)) == ([], 10)
