"""The document of a Statement, as it is kept in MongoDB.

``_id`` {t: tenant, s: UUID}, ``statement`` the JSON text as received with the LRS-set
properties, ``stored`` microseconds, ``terms`` and ``about`` (lrs.store.terms),
``authority`` the key of who wrote it, ``digest`` SHA-256 of what the client sent,
``voided``; where there is something to say ``target`` (the Statement that it refers to)
and ``voiding``, ``mark`` (lrs.store.marks), ``former`` (``stored`` and ``authority``
that an imported Statement had elsewhere), ``attachments`` (the hashes of those whose
content came), ``signatures`` (the record of each, lrs.xapi.signature), ``defines``,
``cmi5`` (rules that it breaks, lrs.store.cmi5_violations).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import bson

from lrs.errors import TooLarge
from lrs.feed import STEP
from lrs.group_commit import Batch
from lrs.preparation import NewStatement
from lrs.store import terms
from lrs.store.mongo import OPTIONS, Document

_LARGEST = (16 << 20) - 1024  # bytes of a document in MongoDB, less some room
_SURELY_FITS = 1 << 20  # characters of text: with its keys less than a document


def key(tenant: str, statement_id: str) -> Document:
    """Return the ``_id`` of a Statement's document."""
    return {"t": tenant, "s": uuid.UUID(statement_id)}


def documents(batch: Batch) -> Iterator[Document]:
    """Yield the documents of a batch, the last one with its mark; raises TooLarge."""
    last = len(batch.statements) - 1
    for at, item in enumerate(batch.statements):
        document = _document(batch.tenant, item, batch.stamp + at * STEP)
        if at == last and batch.mark:
            document["mark"] = batch.mark
        yield document


def _document(tenant: str, item: NewStatement, stored: int) -> Document:
    keys = item.keys
    text = item.text(stored)
    document: Document = {
        "_id": key(tenant, item.statement_id),
        "stored": stored,
        "terms": terms.of_statement(tenant, keys, item.authority),
        "about": terms.about(tenant, keys),
        "authority": item.authority,
        "voided": False,
        "digest": item.digest,
        "statement": text,
    }
    if keys.target:
        document["target"] = keys.target
    if keys.voiding:
        document["voiding"] = True
    if item.former:
        document["former"] = item.former
    if item.contents:
        document["attachments"] = [content.sha2 for content in item.contents]
    if item.signatures:
        document["signatures"] = list(item.signatures)
    if item.definitions:
        document["defines"] = True
    if item.cmi5:
        document["cmi5"] = [violation.as_dict() for violation in item.cmi5]
    if len(text) > _SURELY_FITS and _octets(document) > _LARGEST:
        raise TooLarge("A Statement with its keys is larger than 16 MB; cut it down.")
    return document


def _octets(document: Document) -> int:
    return len(bson.encode(document, codec_options=OPTIONS))
