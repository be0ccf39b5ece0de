"""Batches of Statements sent from several threads, and what became of them."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.builders import a_statement, a_void

Batch = list[dict[str, Any]]


@dataclass
class Sent:
    """What was sent; a batch without an answer may be stored or not."""

    acknowledged: list[Batch] = field(default_factory=list)
    unanswered: list[Batch] = field(default_factory=list)

    @property
    def batches(self) -> list[Batch]:
        return self.acknowledged + self.unanswered

    def wait_for(self, more: int, seconds: float = 60) -> None:
        """Wait until so many more batches are acknowledged."""
        enough, end = len(self.acknowledged) + more, time.monotonic() + seconds
        while len(self.acknowledged) < enough:
            assert time.monotonic() < end, "nothing is taken any more"
            time.sleep(0.005)


def a_batch(rng: random.Random) -> Batch:
    people = [f"p{number}@example.com" for number in range(5)]
    batch = [a_statement(actor=rng.choice(people)) for _ in range(rng.randint(1, 30))]
    if rng.random() < 0.3:
        batch.append(a_void(batch[0]["id"]))
    return batch


@contextmanager
def sending(send: Callable[[Batch], bool], threads: int = 4) -> Iterator[Sent]:
    """Send batches from several threads while the block runs."""
    sent, stop = Sent(), threading.Event()

    def loop(number: int) -> None:
        rng = random.Random(number)
        while not stop.is_set():
            batch = a_batch(rng)
            if send(batch):
                sent.acknowledged.append(batch)
            else:
                sent.unanswered.append(batch)
                stop.wait(0.05)

    running_threads = [
        threading.Thread(target=loop, args=(number,)) for number in range(threads)
    ]
    for thread in running_threads:
        thread.start()
    try:
        yield sent
    finally:
        stop.set()
        for thread in running_threads:
            thread.join(60)
    assert not any(thread.is_alive() for thread in running_threads)
