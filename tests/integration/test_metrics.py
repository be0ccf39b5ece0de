"""GET /metrics of a real server, read back by the parser of Prometheus' library."""

from __future__ import annotations

import datetime
import importlib.metadata
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from analytics.health import workforce_health
from analytics.workforce.engine.importing import import_file
from analytics.workforce.engine.replaying import replay
from analytics.workforce.engine.terms import Mode, Terms
from analytics.workforce.engine.valves import Refused
from analytics.workforce.mapping import load_mapping
from analytics.workforce.run_records import record
from analytics.workforce.source_records import SourceRecords, sum_sources
from config.settings import Settings
from lrs.access import Scope
from lrs.app import create_app
from lrs.services import Services, opened
from tests.conftest import free_port, running, wait_until_ready
from tests.integration.own_mongod import OwnMongod

Found = dict[tuple[str, frozenset[str]], float]
MAPPING = """
name = "acme-hr"
[fields]
Number = "employee_id"
Hired = "hire_date"
Unit = "org_unit_id"
[source]
type = "folder"
path = "landing"
settle_seconds = 0
[schedule]
cron = "0 3 * * *"
"""
GOOD = "employee_id,hire_date,org_unit_id\nE1,2024-01-01,OPS\nE2,2024-01-01,OPS\n"
BAD = "E3,tomorrow,OPS\n"


def read(text: str) -> Found:
    """Return the samples by name and labels' values."""
    return {
        (one.name, frozenset(one.labels.values())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def value(found: Found, name: str, *labels: str) -> float:
    return found[name, frozenset(labels)]


def scrape(url: str) -> Found:
    answer = httpx.get(f"{url}/metrics", timeout=30)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return read(answer.text)


@pytest.fixture
def hris(settings: Settings, tmp_path: Path) -> Settings:
    folder = tmp_path / "hris"
    (folder / "landing").mkdir(parents=True)
    (folder / "acme.toml").write_text(MAPPING)
    return replace(settings, hris_dir=folder)


@pytest.fixture
def operated(hris: Settings) -> Iterator[Services]:
    with opened(hris) as services:
        services.credentials.add("default", [Scope.ALL])
        yield services


def take(services: Services, path: Path, text: str, mode: Mode = "delta") -> str:
    """Import a file in this process; return its run."""
    path.write_text(text)
    ledger, terms = services.analytics().ledger, Terms(mode=mode)
    return import_file(ledger, "default", "workforce", path, terms=terms).run


def in_process(services: Services) -> Found:
    client = create_app(services).test_client()
    return read(client.get("/metrics").get_data(as_text=True))


def test_every_process_tells_how_fresh_sources_and_lake_are(
    operated: Services, tmp_path: Path
) -> None:
    settings = operated.settings
    take(operated, tmp_path / "one.csv", GOOD + BAD)
    operated.analytics().enrichment.run("default")
    bound = replace(settings, bind=f"127.0.0.1:{free_port()}", workers=2)
    with running(bound, "serve", log=tmp_path / "serve.log"):
        url = f"http://{bound.bind}"
        wait_until_ready(url, tmp_path / "serve.log")
        scrapes = [scrape(url) for _ in range(8)]
    name = "lrs_workforce_last_run_records"
    for found in scrapes:  # of two processes, one as the other
        assert value(found, "lrs_database_up") == 1
        run = ("default", "workforce", "canonical")
        assert value(found, name, *run, "added") == 2
        assert value(found, name, *run, "set_aside") == 1
        assert value(found, "lrs_workforce_quarantine_records", *run) == 1
        source = ("default", "canonical")
        assert 0 < value(found, "lrs_workforce_source_age_seconds", *source) < 120
        assert 0 < value(found, "lrs_workforce_source_tried_age_seconds", *source) < 120
        assert value(found, "lrs_workforce_source_failed", *source) == 0
        # Never taken: its time has come.
        assert value(found, "lrs_workforce_source_overdue", "default", "acme-hr") == 1
        assert value(found, "lrs_enrichment_lag_seconds", "default") >= 0
        assert 0 < value(found, "lrs_enrichment_age_seconds", "default") < 120
        assert 0 <= value(found, "lrs_consistent_through_lag_seconds") < 60
    assert {key for key in scrapes[0] if key[0] == "lrs_build_info"} == {
        ("lrs_build_info", frozenset({importlib.metadata.version("workforce-lrs")}))
    }


def test_a_failed_try_leaves_the_age_of_the_last_good_one(
    operated: Services, tmp_path: Path
) -> None:
    many = "".join(f"E{n},2024-01-01,OPS\n" for n in range(10, 40))
    take(operated, tmp_path / "one.csv", GOOD + many)
    before = in_process(operated)
    with pytest.raises(Refused):
        take(operated, tmp_path / "two.csv", GOOD, "full")
    after = in_process(operated)
    source = ("default", "canonical")
    assert value(before, "lrs_workforce_source_failed", *source) == 0
    assert value(after, "lrs_workforce_source_failed", *source) == 1
    age = "lrs_workforce_source_age_seconds"
    tried = "lrs_workforce_source_tried_age_seconds"
    assert value(after, age, *source) > value(before, age, *source)
    assert value(after, tried, *source) < value(after, age, *source)


def test_a_walk_over_a_source_stands_under_the_name_that_its_runs_have(
    operated: Services,
) -> None:
    walks = operated.analytics().walks
    source = ("default", "acme-hr")
    walks.begin("default", "acme")
    walks.end("default", "acme")
    good = in_process(operated)
    tried = "lrs_workforce_source_tried_age_seconds"
    assert value(good, tried, *source) < 60
    assert value(good, "lrs_workforce_source_failed", *source) == 0
    assert value(good, "lrs_workforce_source_overdue", *source) == 0
    # Nothing was taken: no data became younger.
    assert ("lrs_workforce_source_age_seconds", frozenset(source)) not in good
    walks.begin("default", "acme")
    walks.end("default", "acme", "$broken: the host is not there")
    failed = in_process(operated)
    assert value(failed, "lrs_workforce_source_failed", *source) == 1
    last = walks.last("default", "acme")
    assert last is not None
    assert last.why == "$broken: the host is not there"
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=2)
    old = {"$set": {"began": yesterday, "ended": yesterday}}
    operated.database["workforce_syncs"].update_many({}, old)
    late = in_process(operated)
    assert value(late, "lrs_workforce_source_overdue", *source) == 1
    assert value(late, tried, *source) > 86_400


def test_a_refused_delivery_is_told_until_another_one_is_taken(
    operated: Services,
) -> None:
    walks = operated.analytics().walks
    source = ("default", "acme-hr")
    told = []
    for found in ({"refused": "wrong digest"}, {}, {"taken": True}, {}):
        walks.begin("default", "acme")
        walks.end("default", "acme", **found)
        told.append(value(in_process(operated), "lrs_workforce_source_failed", *source))
    assert told == [1, 1, 0, 0]


def test_a_refused_delivery_that_was_mended_by_hand_is_told_no_more(
    operated: Services, tmp_path: Path
) -> None:
    mapping = tmp_path / "hand.toml"
    fields = ("employee_id", "hire_date", "org_unit_id")
    mapped = "".join(f'{name} = "{name}"\n' for name in fields)
    mapping.write_text(f'name = "acme-hr"\n[fields]\n{mapped}')
    (tmp_path / "it.csv").write_text(GOOD)
    parts, of = operated.analytics(), ("workforce", "acme-hr")
    ledger, walks = parts.ledger, parts.walks
    records = SourceRecords(ledger.collections.sources)

    def walk(refused: str | None = None) -> float:
        walks.begin("default", "acme")
        after = records.last("default", *of)
        walks.end("default", "acme", refused=refused, of=of, after=after)
        _, told = workforce_health(walks)
        found = value(
            in_process(operated), "lrs_workforce_source_failed", "default", "acme-hr"
        )
        assert told["sources"]["default/acme"]["failed"] is bool(found)  # type: ignore[index]
        return found

    def by_hand() -> None:
        file, loaded = tmp_path / "it.csv", load_mapping(mapping)
        import_file(ledger, "default", "workforce", file, loaded)

    assert (walk("wrong digest"), walk()) == (1, 1)
    by_hand()
    assert (walk(), walk()) == (0, 0)
    assert (walk("another wrong digest"), walk()) == (1, 1)
    take(operated, tmp_path / "other.csv", GOOD)  # of another source
    assert walk() == 1
    by_hand()
    assert walk() == 0


def test_what_is_replayed_or_delivered_anew_in_full_no_longer_waits(
    operated: Services, tmp_path: Path
) -> None:
    def waiting() -> float:
        name = "lrs_workforce_quarantine_records"
        return value(in_process(operated), name, "default", "workforce", "canonical")

    file, more = tmp_path / "it.csv", BAD.replace("3", "4")
    first = take(operated, file, GOOD + BAD)
    assert waiting() == 1
    take(operated, file, GOOD + BAD + more)  # the same again, and one
    assert waiting() == 3
    last = take(operated, file, GOOD + BAD, "full")
    assert waiting() == 1
    loose = tmp_path / "canonical.toml"
    loose.write_text(
        'name = "canonical"\n[fields]\nemployee_id = "employee_id"\n'
        'org_unit_id = "org_unit_id"\n[columns.hire_date]\nconstant = "2024-01-01"\n'
    )
    ledger = operated.analytics().ledger
    for run in (first, last):  # of before the full delivery: no longer counted
        replay(ledger, "default", record(ledger, "default", run), load_mapping(loose))
    assert waiting() == 0
    # A database of a release that kept no such record gets the same one.
    kept = list(operated.database["ledger_sources"].find())
    operated.database["ledger_sources"].drop()
    sum_sources(operated.database)
    assert list(operated.database["ledger_sources"].find()) == kept


def test_a_token_keeps_everybody_else_out(operated: Services) -> None:
    secret = replace(operated.settings, metrics_token="s3cret")
    client = create_app(replace(operated, settings=secret)).test_client()
    for header in ("", "Bearer", "Bearer wrong", "Basic s3cret", "Bearer s3cret é"):
        answer = client.get("/metrics", headers={"Authorization": header})
        assert answer.status_code == 401, header
        assert answer.content_type == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    good = client.get("/metrics", headers={"Authorization": "Bearer s3cret"})
    assert good.status_code == 200


def test_without_its_database_the_server_says_so_at_once_and_with_200(
    settings: Settings, tmp_path: Path
) -> None:
    mongod = OwnMongod(tmp_path / "mongod")
    mongod.start()
    own = replace(
        settings, mongodb_uri=mongod.uri, bind=f"127.0.0.1:{free_port()}", workers=1
    )
    with running(own, "serve", log=tmp_path / "serve.log"):
        url = f"http://{own.bind}"
        wait_until_ready(url, tmp_path / "serve.log")
        mongod.freeze()
        began = time.monotonic()
        frozen = scrape(url)
        took = time.monotonic() - began
        mongod.kill()
        assert value(frozen, "lrs_database_up") == 0
        assert ("lrs_consistent_through_lag_seconds", frozenset()) not in frozen
        assert took < 20  # 3 seconds, on a machine that has nothing else to do
        assert value(scrape(url), "lrs_database_up") == 0
