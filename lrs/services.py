"""Services: what the program works with, built once from the settings and passed on."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from analytics.workforce.ledger import ensure_indexes
from analytics.workforce.personal import part_rows
from analytics.workforce.scim.users import index_scim
from analytics.workforce.source_records import sum_sources
from config.settings import Settings, hris_secrets
from lrs.activities import Activities
from lrs.agents import Agents
from lrs.cmi5_violations import Cmi5Violations
from lrs.definitions import Definitions
from lrs.documents import Documents
from lrs.errors import SetupError
from lrs.readiness import Readiness
from lrs.recording import Recording
from lrs.retrieval import Retrieval
from lrs.store import mongo, schema
from lrs.store.accounts import MongoAccounts
from lrs.store.agents import MongoAgents
from lrs.store.attachments import MongoAttachments, index_attachments
from lrs.store.cmi5_violations import MongoCmi5Violations, index_cmi5_violations
from lrs.store.credentials import MongoCredentials
from lrs.store.definitions import MongoDefinitions
from lrs.store.documents import MongoDocuments, index_documents
from lrs.store.embedded import attach
from lrs.store.feed import MongoFeed
from lrs.store.fence import unite_timeline
from lrs.store.leases import MongoLeases
from lrs.store.marks import index_marks
from lrs.store.mongo import Document
from lrs.store.originals import MongoOriginals
from lrs.store.rates import MongoRates, index_rates
from lrs.store.reach import Reach
from lrs.store.statement_writes import StatementWrites
from lrs.store.statements import MongoStatements
from lrs.store.tenants import MongoTenants
from lrs.store.terms_index import index_terms
from lrs.store.timeline import MongoTimeline
from lrs.store.writers import index_lanes
from lrs.tenants import Cmi5Mode, Tenants
from lrs.xapi.certificate_chain import TrustedCertificates

if TYPE_CHECKING:
    from analytics.services import Analytics

# Every part's steps, in the order in which they came: append, never reorder.
STEPS = (
    *schema.STEPS,
    schema.Step("index-workforce", ensure_indexes),
    schema.Step("index-documents", index_documents),
    schema.Step("index-lanes", index_lanes),
    schema.Step("index-attachments", index_attachments),
    schema.Step("index-cmi5-violations", index_cmi5_violations),
    schema.Step("index-marks", index_marks),
    # From here on no program of 0.2 writes; what follows finds all that it has written.
    schema.Step("unite-timeline", unite_timeline),
    schema.Step("index-terms", index_terms),
    schema.Step("index-rates", index_rates),
    schema.Step("part-people", part_rows),
    schema.Step("sum-sources", sum_sources),
    schema.Step("index-scim", index_scim),
)

# How long one look for the database lasts where others follow.
_LOOK_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of the LRS, wired. Analytics wires its own over these."""

    settings: Settings
    client: MongoClient[Document]
    database: Database[Document]
    reach: Reach
    readiness: Readiness
    timeline: MongoTimeline
    statements: MongoStatements
    attachments: MongoAttachments
    feed: MongoFeed
    originals: MongoOriginals
    credentials: MongoCredentials
    accounts: MongoAccounts
    leases: MongoLeases
    rates: MongoRates
    recording: Recording
    retrieval: Retrieval
    definitions: Definitions
    activities: Activities
    agents: Agents
    documents: Documents
    tenants: Tenants
    cmi5_violations: Cmi5Violations
    release: Callable[[], None]

    def analytics(self) -> Analytics:
        """Wire analytics over these services; its libraries load at first use."""
        from analytics.services import build as build_analytics

        return build_analytics(
            self.database,
            self.timeline,
            self.feed,
            lake_url=self.settings.lake_url,
            lake_keep_days=self.settings.lake_keep_days,
            data_dir=self.settings.data_dir,
            standings_bytes=self.settings.standings_bytes,
            former_manager_days=self.settings.former_manager_days,
            requirements_dir=self.settings.requirements_dir,
            effects_file=self.settings.effects_file,
            hris_secrets=hris_secrets,
            hris_dir=self.settings.hris_dir,
            identity_file=self.settings.identity_file,
        )

    def close(self) -> None:
        """Leave the timeline, the database and the embedded server, in this order."""
        self.disconnect()
        self.release()

    def disconnect(self) -> None:
        """Leave the timeline and the database; the embedded server runs on."""
        self.readiness.close()
        self.definitions.close()
        self.timeline.close()
        self.reach.leave()
        self.client.close()

    def join(self) -> None:
        """Join the timeline now; raises Unavailable, SetupError."""
        with _as_ours():
            self.timeline.open()


def build(
    settings: Settings,
    *,
    announce: Callable[[str], None] | None = None,
    patient: bool = False,
) -> Services:
    """Wire the services; starts the embedded MongoDB where no address is set.

    Raises SetupError with one sentence on what is missing, and Unavailable where the
    database does not answer. With ``patient`` it is not asked: the caller does that, by
    ``readiness``, and again where it did not answer.
    """
    release: Callable[[], None] = _nothing
    uri = settings.mongodb_uri
    if uri is None:
        attachment = attach(settings.data_dir, announce=announce, patient=patient)
        uri, release = attachment.uri, attachment.close
    client: MongoClient[Document] | None = None
    reach = Reach()
    try:
        client = mongo.connect(uri, pool=settings.database_pool, listener=reach)
        look = _LOOK_SECONDS if patient else mongo.SELECT_SECONDS
        services = _wire(settings, client, reach, look, release)
        if not patient:
            services.readiness.now()
        return services
    except BaseException:
        reach.leave()
        if client is not None:
            client.close()
        release()
        raise


def _wire(
    settings: Settings,
    client: MongoClient[Document],
    reach: Reach,
    look: float,
    release: Callable[[], None],
) -> Services:
    concern = settings.write_concern
    database = mongo.database(client, settings.database, write_concern=concern)

    def prepare() -> None:
        with _as_ours():
            with mongo.within(look):
                mongo.check(client, write_concern=concern)
            schema.upgrade(database, STEPS)

    timeline = MongoTimeline(database, slots=settings.threads + 8)
    statements = MongoStatements(database)
    tenants = Tenants(MongoTenants(database), cmi5_mode=Cmi5Mode(settings.cmi5_mode))
    attachments = MongoAttachments(database)
    kept = MongoDefinitions(database)
    definitions = Definitions(kept)
    return Services(
        settings=settings,
        client=client,
        database=database,
        reach=reach,
        readiness=Readiness(
            prepare, lambda: reach.seconds_away, patience=mongo.SELECT_SECONDS
        ),
        timeline=timeline,
        statements=statements,
        attachments=attachments,
        feed=MongoFeed(database, timeline),
        originals=MongoOriginals(database),
        credentials=MongoCredentials(database, settings.public_url),
        accounts=MongoAccounts(database),
        leases=MongoLeases(database),
        rates=MongoRates(database, settings.rate_limit),
        recording=Recording(
            StatementWrites(database, timeline),
            statements,
            tenants,
            _trusted(settings),
            definitions,
        ),
        retrieval=Retrieval(statements, attachments, kept),
        definitions=definitions,
        activities=Activities(kept),
        agents=Agents(MongoAgents(database)),
        documents=Documents(
            MongoDocuments(database), max_bytes=settings.max_document_bytes
        ),
        tenants=tenants,
        cmi5_violations=Cmi5Violations(MongoCmi5Violations(database)),
        release=release,
    )


def _trusted(settings: Settings) -> TrustedCertificates:
    path = settings.trusted_certificates
    try:
        return TrustedCertificates(path.read_bytes() if path else None)
    except OSError as error:
        fault = f"cannot be read ({error.strerror})"
    except ValueError:
        fault = "holds no certificates in PEM"
    raise SetupError(f"LRS_TRUSTED_CERTIFICATES: {path} {fault}.")


@contextlib.contextmanager
def opened(
    settings: Settings, *, announce: Callable[[str], None] | None = None
) -> Iterator[Services]:
    """Build the services for one command and close them after it."""
    services = build(settings, announce=announce)
    try:
        yield services
    finally:
        services.close()


@contextlib.contextmanager
def _as_ours() -> Iterator[None]:
    """Raise what the driver raises as an error of ours."""
    try:
        yield
    except PyMongoError as error:
        raise mongo.as_setup_problem(error) from None


def _nothing() -> None:
    """Release nothing: the server is not ours."""
