"""Threads that step aside are replaced, and their number stays bounded."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from lrs.http.server.balance import Balance
from lrs.http.server.threads import Threads

Job = Callable[[], None]


def test_as_many_threads_as_before_serve_while_some_wait() -> None:
    jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
    free, stepped = threading.Event(), threading.Semaphore(0)

    def serve() -> None:
        while job := jobs.get():
            job()
            if getattr(here, "aside", False):
                here.aside = False
                if threads.step_back():
                    return

    here = threading.local()
    others = set(threading.enumerate())  # of former tests; they may end meanwhile
    threads = Threads(serve, number=2, aside=3)
    threads.start()

    def wait() -> None:
        here.aside = threads.step_aside()
        stepped.release()
        free.wait(30)

    def serving() -> int:
        return len(set(threading.enumerate()) - others)

    assert serving() == 2
    for _ in range(3):
        jobs.put(wait)
    for _ in range(3):
        assert stepped.acquire(timeout=30)
    assert not threads.step_aside()  # no more than three
    both = threading.Barrier(3)
    for _ in range(2):
        jobs.put(lambda: both.wait(30) and None)
    both.wait(30)  # two are there, as ever
    free.set()
    end = time.monotonic() + 30
    while serving() > 2 and time.monotonic() < end:
        time.sleep(0.01)
    assert serving() == 2
    jobs.put(None)
    jobs.put(None)


def test_who_has_more_connections_lets_another_accept() -> None:
    balance = Balance()
    balance.join(1)
    assert not balance.is_for_another(5)  # there is no other
    balance.write(4)
    balance.join(2)
    assert balance.is_for_another(5)
    assert not balance.is_for_another(4)
    balance.join(1)
    balance.leave()
    balance.join(2)
    assert not balance.is_for_another(5)
