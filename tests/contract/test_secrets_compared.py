"""What the comparing of secrets costs: one at a time, and once for a client."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.security import generate_password_hash

from lrs.access import Principal, Scope
from lrs.services import Services
from lrs.store import credentials
from lrs.store.credentials import MongoCredentials

THREADS = 8


class Counted:
    """The real comparing, counted: how often, and how many at a time."""

    def __init__(self) -> None:
        self.calls = self.most = 0
        self._inside = 0
        self._lock = threading.Lock()
        self._compare = credentials.check_password_hash

    def __call__(self, expected: str, secret: str) -> bool:
        with self._lock:
            self.calls += 1
            self._inside += 1
            self.most = max(self.most, self._inside)
        try:
            return self._compare(expected, secret)
        finally:
            with self._lock:
                self._inside -= 1


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """Count the comparing of real hashes: those take long enough to meet."""
    made = Counted()
    monkeypatch.setattr(credentials, "generate_password_hash", generate_password_hash)
    monkeypatch.setattr(credentials, "check_password_hash", made)
    return made


def at_once(
    verified: MongoCredentials, pairs: list[tuple[str, str]]
) -> list[Principal | None]:
    with ThreadPoolExecutor(len(pairs)) as pool:
        return list(pool.map(lambda pair: verified.verify(*pair), pairs))


@pytest.fixture
def fresh_process(common: Services) -> MongoCredentials:
    """The credentials as a process knows them that has just begun."""
    return MongoCredentials(common.database, "http://localhost")


def test_a_client_that_begins_with_many_connections_is_compared_once(
    common: Services, fresh_process: MongoCredentials, counted: Counted
) -> None:
    key, secret = common.credentials.add("compared", [Scope.ALL])
    found = at_once(fresh_process, [(key, secret)] * THREADS)
    assert [who.key for who in found if who] == [key] * THREADS
    assert counted.calls == 1


def test_secrets_that_are_wrong_are_compared_one_at_a_time(
    common: Services, fresh_process: MongoCredentials, counted: Counted
) -> None:
    key, _ = common.credentials.add("compared", [Scope.ALL])
    wrong = [(key, f"guess {at}") for at in range(4)] + [("nobody", "guess")] * 4
    assert at_once(fresh_process, wrong) == [None] * len(wrong)
    assert counted.calls == len(wrong)
    assert counted.most == 1
