"""Every kind of record that a run sets aside, and how a replay takes each of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.workforce.engine.importing import ImportResult, import_delivery
from analytics.workforce.engine.retrying import Retry
from analytics.workforce.quarantine import asides
from analytics.workforce.sources.records import Delivery, Record
from lrs.errors import BadRequest
from lrs.services import Services
from tests.integration.hr_feed import CANONICAL, DAYS, Feed, row


@pytest.fixture
def feed(services: Services, tmp_path: Path) -> Feed:
    return Feed(services.analytics().ledger, tmp_path)


CONTRADICTION = (row("E1", "A"), row("E2"), row("E1", "B"), row("E1", "B"))


@pytest.mark.parametrize(("chosen", "unit"), [("2", "A"), ("4", "B"), ("5", "B")])
def test_of_a_contradiction_the_steward_says_which_one_is_right(
    feed: Feed, chosen: str, unit: str
) -> None:
    run = feed.deliver(*CONTRADICTION)
    assert (run.set_aside, run.added, run.unchanged) == (3, 1, 0)
    assert feed.units() == {"E2": "OPS"}
    result = feed.replay(run.run, chosen)
    assert (result.read, result.added, result.set_aside) == (1, 1, 0)
    assert feed.units() == {"E1": unit, "E2": "OPS"}
    states = dict.fromkeys(("2", "4", "5"), "waiting") | {chosen: "taken"}
    assert feed.states(run.run) == states
    told = feed.asides(run.run)[chosen]
    assert (told.by, told.replay, told.next) == (result.run, False, "")
    assert feed.waiting(run.run) == feed.open() == 2
    # All that can stand now: what was chosen has spoken of them.
    later = feed.replay(run.run)
    assert (later.read, later.overtaken) == (0, 2)
    states = dict.fromkeys(("2", "4", "5"), "overtaken") | {chosen: "taken"}
    assert feed.states(run.run) == states
    assert feed.waiting(run.run) == feed.open() == 0
    assert feed.units() == {"E1": unit, "E2": "OPS"}
    with pytest.raises(BadRequest, match="nothing aside that can be replayed"):
        feed.replay(run.run)


def test_who_chose_the_wrong_one_chooses_again(feed: Feed) -> None:
    run = feed.deliver(*CONTRADICTION)
    feed.replay(run.run, "2")
    with pytest.raises(BadRequest, match="nothing to do: 2 is taken"):
        feed.replay(run.run, "2")
    assert feed.replay(run.run, "4").changed == 1
    assert feed.units()["E1"] == "B"
    assert feed.replay(run.run, "2").changed == 1
    assert feed.units()["E1"] == "A"
    assert feed.waiting(run.run) == feed.open() == 1
    # But what was delivered since is not undone.
    feed.deliver(row("E1", "C"))
    assert feed.replay(run.run, "5").overtaken == 1
    assert feed.units()["E1"] == "C"
    with pytest.raises(BadRequest, match="5 is overtaken"):
        feed.replay(run.run, "5")


def test_both_of_a_contradiction_are_refused_again_and_stay(feed: Feed) -> None:
    run = feed.deliver(*CONTRADICTION)
    for chosen in ((), ("2", "4")):
        result = feed.replay(run.run, *chosen)
        assert (result.read, result.set_aside) == (len(chosen) or 3,) * 2
        assert result.added == 0
        lines = [2, 4] if chosen else [2, 4, 5]
        assert [problem.line for problem in result.quarantined] == lines
        assert set(feed.states(run.run).values()) == {"refused"}
        assert feed.waiting(run.run) == feed.open() == 3
    first = feed.asides(run.run)["2"]
    assert first.by == result.run
    assert first.next == (
        "if it is the right one, replay with --record 2, or else the one at 4, 5"
    )
    assert list(asides(feed.ledger, "default", result.run)) == []
    with pytest.raises(BadRequest, match=f"waits in the run {run.run}"):
        feed.replay(result.run)
    assert feed.replay(run.run, "4").added == 1


def test_a_wrong_value_is_taken_when_the_mapping_was_mended(feed: Feed) -> None:
    run = feed.deliver(row("E1"), row("E2", hire_date="01.02.2024"), row("E3", ""))
    assert feed.replay(run.run).set_aside == 2
    told = feed.asides(run.run)
    assert told["3"].next == "replay when its mapping was mended, or correct it"
    assert told["4"].next == "correct it, or deliver it again"  # its unit is missing
    day = f'\n[fields.hire_date]\nto = "hire_date"\n{DAYS}\n'
    feed.mended(CANONICAL.replace('hire_date = "hire_date"\n', "") + day)
    result = feed.replay(run.run)
    assert (result.added, result.set_aside) == (1, 1)
    assert feed.states(run.run) == {"3": "taken", "4": "refused"}
    assert feed.asides(run.run)["4"].reason == "is missing"
    assert feed.replay(run.run).read == 1


def test_who_the_mended_mapping_does_not_ask_for_waits_no_more(feed: Feed) -> None:
    run = feed.deliver(row("E1", hire_date="never"))
    feed.mended(f'{CANONICAL}\n[[only]]\nfrom = "employee_id"\nis_not = "E1"\n')
    result = feed.replay(run.run)
    assert (result.read, result.skipped) == (1, 1)
    assert feed.states(run.run) == {"2": "skipped"}
    assert feed.waiting(run.run) == feed.open() == 0


def test_cells_in_wrong_places_are_told_to_be_corrected(feed: Feed) -> None:
    run = feed.deliver(row("E1"), end="E2,2024-01-01\r\n")
    told = feed.asides(run.run)["3"]
    assert (told.state, told.replay) == ("waiting", False)
    said = "correct it, or deliver it again: its cells mean nothing to any mapping"
    assert told.next == said
    with pytest.raises(BadRequest, match="3 cannot be replayed as it is: correct it"):
        feed.replay(run.run, "3")
    with pytest.raises(BadRequest, match="nothing aside that can be replayed"):
        feed.replay(run.run)
    assert feed.waiting(run.run) == 1


CIRCLE = (row("E1", "A", "B"), row("E2", "B", "A"), row("E3", "C", "B"))


def test_a_circle_is_gone_when_the_other_units_parent_was_mended(feed: Feed) -> None:
    run = feed.deliver(*CIRCLE)
    assert (run.added, run.links_set_aside) == (3, 2)
    assert feed.states(run.run) == {"2": "waiting", "3": "waiting"}
    assert feed.waiting(run.run) == feed.open() == 2
    assert feed.replay(run.run).links_set_aside == 2
    assert set(feed.states(run.run).values()) == {"refused"}
    assert feed.asides(run.run)["2"].next.startswith(
        "replay when the parent of another"
    )
    feed.deliver(row("E2", "B", "ALL"))
    result = feed.replay(run.run)
    assert (result.changed, result.links_set_aside, result.overtaken) == (1, 0, 1)
    assert feed.states(run.run) == {"2": "taken", "3": "overtaken"}
    assert feed.units() == {"E1": "A", "E2": "B", "E3": "C"}


def test_of_a_circle_one_is_chosen_and_the_other_does_not_close_it(feed: Feed) -> None:
    run = feed.deliver(*CIRCLE)
    assert feed.replay(run.run, "2").changed == 1
    # Alone it closes no circle, but with what is known now.
    for chosen in ((), ("3",)):
        result = feed.replay(run.run, *chosen)
        assert (result.read, result.unchanged, result.links_set_aside) == (1, 1, 1)
    assert feed.states(run.run) == {"2": "taken", "3": "refused"}
    feed.deliver(row("E1", "A", "ALL"))
    assert feed.replay(run.run).changed == 1


def test_a_circle_over_days_is_held_against_all_that_is_known(feed: Feed) -> None:
    later = {"effective_date": "2024-06-01"}
    run = feed.deliver(row("E2", "B", "A"), row("E1", "A", "B", **later))
    assert feed.states(run.run) == {"3": "waiting"}
    assert feed.replay(run.run).links_set_aside == 1
    feed.deliver(row("E9", "B", "ALL", effective_date="2024-03-01"))
    assert feed.replay(run.run).changed == 1


def test_a_sequences_contradiction_is_set_aside_whole(feed: Feed) -> None:
    feed.mended(f'{CANONICAL}\n[columns.sequence]\nfrom = "no"\n')
    rows = [("A", "1"), ("B", "2"), ("C", "2"), ("C", "2")]
    run = feed.deliver(
        *(row("E1", unit, no=no) for unit, no in rows), row("E2", no="1")
    )
    assert (run.read, run.added, run.unchanged, run.set_aside) == (5, 1, 0, 4)
    assert feed.replay(run.run).set_aside == 4
    assert feed.replay(run.run, "2", "4").added == 1  # the greater one holds
    assert feed.units()["E1"] == "C"


def test_records_at_one_line_have_names_of_their_own(feed: Feed) -> None:
    path = feed.folder / "people.xml"
    people = "".join(
        f"<p><employee_id>E1</employee_id><hire_date>2024-01-01</hire_date>"
        f"<org_unit_id>{unit}</org_unit_id></p>"
        for unit in "ABC"
    )
    path.write_text(f"<all>{people}</all>")
    run = feed.read(path)
    assert list(feed.states(run.run)) == ["1.1", "1.2", "1.3"]
    with pytest.raises(BadRequest, match=r"several records at 1: 1\.1, 1\.2, 1\.3"):
        feed.replay(run.run, "1")
    with pytest.raises(BadRequest, match="set no record 7 aside"):
        feed.replay(run.run, "7")
    feed.replay(run.run, "1.2")
    assert feed.units() == {"E1": "B"}


def test_a_replay_of_few_is_no_measure_for_the_next_delivery(feed: Feed) -> None:
    rows = [row(f"E{n}", location_id="HALL") for n in range(60)]
    bad = [row(f"F{n}", location_id="", hire_date="01.02.2024") for n in range(60)]
    run = feed.deliver(*rows, *bad)
    day = f'\n[fields.hire_date]\nto = "hire_date"\n{DAYS}\n'
    feed.mended(CANONICAL.replace('hire_date = "hire_date"\n', "") + day)
    result = feed.replay(run.run)
    assert (result.added, result.drift) == (60, ())
    kept = feed.ledger.runs("default", "workforce")
    assert kept[1].fill == kept[0].fill
    assert kept[1].shapes == kept[0].shapes
    assert feed.deliver(*rows, bad[0]).drift == ()


def test_records_of_several_files_are_called_by_file_and_line(feed: Feed) -> None:
    def records() -> Iterator[Record]:
        for file, unit in (("a.csv", "A"), ("b.csv", "B")):
            yield Record(2, row("E1", unit), None, file)
            yield Record(3, row(f"E-{unit}", hire_date="never"), None, file)

    fields = tuple(row("E1"))
    delivery = Delivery("all.json", "", fields, records(), records)
    terms = feed.mapping.terms
    run = import_delivery(feed.ledger, "default", delivery, feed.mapping, terms)
    assert list(feed.states(run.run)) == ["a.csv:2", "b.csv:2", "a.csv:3", "b.csv:3"]
    with pytest.raises(BadRequest, match=r"several records at 2: a\.csv:2, b\.csv:2"):
        feed.replay(run.run, "2")
    feed.replay(run.run, "b.csv:2")
    assert feed.units() == {"E1": "B"}
    told = [str(problem) for problem in feed.replay(run.run).quarantined]
    assert [text.partition(":")[0] for text in told] == [
        "a.csv, record at 3",
        "b.csv, record at 3",
    ]


def test_a_file_that_changes_while_it_is_read_is_refused_whole(feed: Feed) -> None:
    records = [Record(2, row("E1", "A")), Record(3, row("E1", "B"))]
    delivery = Delivery(
        *("a.csv", "", tuple(row("E1")), iter(records), lambda: iter(records[:1]))
    )
    terms = feed.mapping.terms
    with pytest.raises(BadRequest, match=r"a\.csv was changed while it was read"):
        import_delivery(feed.ledger, "default", delivery, feed.mapping, terms)
    assert feed.ledger.collections.quarantine.count_documents({}) == 0


class Killed(BaseException):
    """The process is no more."""


def test_a_replay_that_was_killed_has_changed_nothing(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = feed.deliver(*CONTRADICTION, row("E3", hire_date="never"))
    before = feed.asides(run.run), feed.units(), feed.open(), feed.waiting(run.run)

    def kill(*_: object) -> None:
        raise Killed

    for chosen in ((), ("2",)):
        with monkeypatch.context() as patched:
            patched.setattr(Retry, "settle", kill)
            with pytest.raises(Killed):
                feed.replay(run.run, *chosen)
        now = feed.asides(run.run), feed.units(), feed.open(), feed.waiting(run.run)
        assert now == before
    assert feed.replay(run.run, "2").added == 1
    assert feed.units()["E1"] == "A"


def test_two_replays_at_once_take_everything_once(feed: Feed) -> None:
    run = feed.deliver(*(row(f"E{n}", hire_date="01.02.2024") for n in range(300)))
    day = f'\n[fields.hire_date]\nto = "hire_date"\n{DAYS}\n'
    feed.mended(CANONICAL.replace('hire_date = "hire_date"\n', "") + day)
    results: list[ImportResult | BadRequest] = []

    def one() -> None:
        try:
            results.append(feed.replay(run.run))
        except BadRequest as error:
            results.append(error)

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = [one.added for one in results if isinstance(one, ImportResult)]
    assert sum(counts) == 300 == feed.ledger.count("default", "workforce")
    assert feed.waiting(run.run) == feed.open() == 0
