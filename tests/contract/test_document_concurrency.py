"""Concurrency (xAPI-Communication 3.1) with writers that race: threads, processes.

The races go through the store without Flask's test client first, since most of them
are met there, and then through a live server with two workers.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpx
import pytest

from lrs.access import Principal, Scope
from lrs.document_store import Context, Document, Place, Resource
from lrs.errors import Conflict, LrsError, PreconditionFailed
from lrs.preconditions import EntityTags, Preconditions
from lrs.services import Services
from lrs.xapi import document
from lrs.xapi.versions import Version
from tests.conftest import KEY, SECRET
from tests.contract.document_requests import Address, a_state, an_activity, etag

WRITERS = 8
ROUNDS = 15
WHO = Principal("races", "key", frozenset({Scope.ALL}), {})
NOTHING = Preconditions(if_none_match=EntityTags(any=True))


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Begin all at once, each in a thread; return what each gave or was refused by."""
    barrier = threading.Barrier(len(acts))

    def act(what: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return what()
        except LrsError as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def race(acts: list[Callable[[], Any]]) -> tuple[list[int], list[type[LrsError]]]:
    """Return who of them came through, and how the others were refused."""
    ends = at_once(acts)
    won = [at for at, end in enumerate(ends) if not isinstance(end, LrsError)]
    return won, [type(end) for end in ends if isinstance(end, LrsError)]


def a_place(resource: Resource) -> Place:
    return Place(Context(resource, activity=an_activity(), agent="mbox x"), "id")


def sent(body: bytes) -> Document:
    return Document(body, "application/json")


def matching(body: bytes) -> Preconditions:
    return Preconditions(if_match=EntityTags(strong=frozenset({document.etag(body)})))


each_resource = pytest.mark.parametrize("resource", list(Resource))
each_version = pytest.mark.parametrize("version", list(Version))


@each_resource
@each_version
def test_of_writers_with_the_same_etag_one_wins(
    common: Services, resource: Resource, version: Version
) -> None:
    place, standing = a_place(resource), b'"first"'
    put = partial(common.documents.put, WHO, place)
    put(sent(standing), version, NOTHING)
    for number in range(ROUNDS):
        bodies = [b'"%d of round %d"' % (at, number) for at in range(WRITERS)]
        asked = matching(standing)
        won, lost = race([partial(put, sent(body), version, asked) for body in bodies])
        assert len(won) == 1
        assert lost == [PreconditionFailed] * (WRITERS - 1)
        standing = common.documents.one(WHO, place).content
        assert standing == bodies[won[0]]


@each_resource
@each_version
def test_of_creators_one_wins(
    common: Services, resource: Resource, version: Version
) -> None:
    documents = common.documents
    for _ in range(ROUNDS):
        place = a_place(resource)
        won, lost = race(
            [
                partial(documents.post, WHO, place, sent(b"%d" % at), NOTHING)
                if at % 2
                else partial(
                    documents.put, WHO, place, sent(b"%d" % at), version, NOTHING
                )
                for at in range(WRITERS)
            ]
        )
        assert len(won) == 1
        assert lost == [PreconditionFailed] * (WRITERS - 1)
        assert documents.one(WHO, place).content == b"%d" % won[0]


@each_resource
def test_of_writers_without_precondition_under_2_0_one_wins(
    common: Services, resource: Resource
) -> None:
    for _ in range(5):
        put = partial(common.documents.put, WHO, a_place(resource))
        won, lost = race(
            [partial(put, sent(b"%d" % at), Version.V2_0_0) for at in range(WRITERS)]
        )
        assert (len(won), lost) == (1, [Conflict] * (WRITERS - 1))


@each_resource
def test_no_merge_is_lost(common: Services, resource: Resource) -> None:
    for _ in range(ROUNDS):
        place = a_place(resource)
        bodies = [b'{"k%d":%d}' % (at, at) for at in range(WRITERS)]
        post = partial(common.documents.post, WHO, place)
        won, _lost = race([partial(post, sent(body)) for body in bodies])
        assert len(won) == WRITERS
        kept = json.loads(common.documents.one(WHO, place).content)
        assert kept == {f"k{at}": at for at in range(WRITERS)}


def test_a_deletion_and_a_change_with_the_same_etag_exclude_each_other(
    common: Services,
) -> None:
    documents = common.documents
    for _ in range(4 * ROUNDS):
        place, asked = a_place(Resource.STATE), matching(b"1")
        documents.put(WHO, place, sent(b"1"), Version.V2_0_0)
        won, lost = race(
            [
                partial(documents.delete, WHO, place, asked),
                partial(documents.put, WHO, place, sent(b"2"), Version.V2_0_0, asked),
            ]
        )
        assert (len(won), lost) == (1, [PreconditionFailed])
        assert documents.ids(WHO, place.context).ids == (["id"] if won[0] else [])


def test_states_without_precondition_are_written_side_by_side(
    common: Services,
) -> None:
    for _ in range(ROUNDS):
        place = a_place(Resource.STATE)
        put = partial(common.documents.put, WHO, place)
        won, _lost = race(
            [partial(put, sent(b"%d" % at), Version.V1_0_3) for at in range(WRITERS)]
        )
        assert len(won) == WRITERS
        assert int(common.documents.one(WHO, place).content) in range(WRITERS)


def test_the_time_of_a_document_grows_with_every_change(common: Services) -> None:
    place = a_place(Resource.STATE)
    seen = []
    for number in range(20):
        body = sent(b"%d" % number)
        common.documents.put(WHO, place, body, Version.V1_0_3)
        seen.append(common.documents.one(WHO, place).updated)
    assert all(earlier < later for earlier, later in itertools.pairwise(seen))


# -- over the network, two processes ------------------------------------------------


@pytest.fixture
def remotes(server: str) -> Iterator[list[httpx.Client]]:
    """Give a connection of its own to each writer."""
    headers = {"X-Experience-API-Version": "2.0.0", "Content-Type": "application/json"}
    made = [
        httpx.Client(base_url=server, auth=(KEY, SECRET), headers=headers, timeout=30)
        for _ in range(WRITERS)
    ]
    yield made
    for client in made:
        client.close()


def statuses(
    remotes: list[httpx.Client],
    method: str,
    at: Address,
    body: Callable[[int], bytes],
    headers: dict[str, str],
) -> list[int]:
    """Let every remote send its body at once; return how each was answered."""
    ends = at_once(
        [
            partial(
                remote.request, method, str(at), content=body(number), headers=headers
            )
            for number, remote in enumerate(remotes)
        ]
    )
    return [end.status_code for end in ends]


def test_two_processes_let_one_writer_win(remotes: list[httpx.Client]) -> None:
    for _ in range(ROUNDS):
        at = a_state()
        new = {"If-None-Match": "*"}
        ends = statuses(remotes, "PUT", at, lambda number: b"%d" % number, new)
        assert sorted(ends) == [204] + [412] * (WRITERS - 1)
        first = remotes[0].get(str(at))
        assert first.content == b"%d" % ends.index(204)
        assert first.headers["ETag"] == etag(first.content)

        known = {"If-Match": first.headers["ETag"]}
        ends = statuses(remotes, "PUT", at, lambda number: b"1%d" % number, known)
        assert sorted(ends) == [204] + [412] * (WRITERS - 1)
        assert remotes[-1].get(str(at)).content == b"1%d" % ends.index(204)


def test_two_processes_lose_no_merge(remotes: list[httpx.Client]) -> None:
    for _ in range(ROUNDS):
        at = a_state()
        ends = statuses(remotes, "POST", at, lambda item: b'{"k%d":1}' % item, {})
        assert ends == [204] * WRITERS
        assert remotes[0].get(str(at)).json() == {f"k{item}": 1 for item in range(8)}
