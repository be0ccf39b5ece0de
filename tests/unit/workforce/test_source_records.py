"""What a source's record says after each kind of run."""

from analytics.workforce.source_records import after

FULL = {"mode": "full", "began": 1, "recorded": 10, "counts": {"quarantined": 3}}
DELTA = {"mode": "delta", "began": 2, "recorded": 20, "counts": {"quarantined": 2}}
REPLAY = DELTA | {"recorded": 30, "replays": "of the first"}


def test_what_deltas_set_aside_adds_up_until_everybody_comes_again():
    first = after({}, FULL)
    second = after(first, DELTA)
    assert (first["open"], second["open"]) == (3, 5)
    assert after(second, FULL | {"recorded": 40})["open"] == 3


def test_a_replay_is_no_delivery():
    delivered = after(after({}, FULL), DELTA)
    assert after(delivered, REPLAY) == delivered


def test_of_an_older_release_nothing_but_a_replay_may_be_known():
    assert after({}, REPLAY)["recorded"] == 30
