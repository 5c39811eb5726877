"""The chain: the canonical bytes of a record, and the hash that ties them to every record before."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

import rfc8785
from pydantic import ValidationError

from sitewatch.errors import LedgerError
from sitewatch.records import KINDS, Record

GENESIS = "0" * 64
"""What the first record is chained to, and the head of an empty ledger."""

JUDGEMENTS = frozenset({"assessment", "finding", "reckoning", "brief", "forecast", "resolution"})
"""Kinds that are drawn from evidence, or said of what was drawn from it, and are none themselves."""


def link(previous: str, body: bytes) -> str:
    """The chain hash of a record: SHA-256 over the hash before it (64 hexadecimal digits) and its body."""
    return hashlib.sha256(previous.encode() + body).hexdigest()


def seal(record: Record, now: datetime) -> tuple[Record, bytes]:
    """The record as the ledger will hold it, stamped, and its body: canonical JSON (RFC 8785) of its kind and fields.

    Raises:
        LedgerError: the record could not be read back from what would be written.
    """
    if KINDS.get(record.kind) is not type(record):
        raise LedgerError(f"a ledger takes the kinds of sitewatch.records only, found {type(record).__name__}")
    fields = record.model_copy(update={"recorded_at": now}).model_dump(mode="json")
    try:
        body = rfc8785.dumps({"kind": record.kind, **fields})
        return decode(body), body
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, LedgerError) as error:
        raise LedgerError(f"a {record.kind} that cannot be written to the ledger and read back: {error}") from error


def decode(body: bytes) -> Record:
    """The record of a body, with the id that its bytes have.

    The id is never computed from the fields: a later version may add one, and the id must stay what it was.

    Raises:
        LedgerError: the body is no JSON, of a kind unknown to this version, or lacks what its kind needs.
    """
    fields = _fields(body)
    kind = KINDS.get(fields.pop("kind", ""))
    if kind is None:
        raise LedgerError("its kind is unknown to this version of Sitewatch")
    try:
        record = kind.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise LedgerError(
            f"it is no {kind.kind} as this version of Sitewatch knows it: {where}: {first['msg']}"
        ) from error
    record.__dict__["id"] = identify(body, fields.get("recorded_at"))
    return record


def identify(body: bytes, recorded_at: str | None) -> str:
    """The id of a body: SHA-256 of it without `recorded_at`, cut out of the canonical text where it stands."""
    stamp = f'"recorded_at":{json.dumps(recorded_at)},'.encode()
    return hashlib.sha256(body.replace(stamp, b"", 1)).hexdigest()


def _fields(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except ValueError as error:
        raise LedgerError(f"its body is no JSON: {error}") from error
    if not isinstance(fields, dict) or not isinstance(fields.get("kind", ""), str):
        raise LedgerError("its body is no JSON object with a kind")
    return fields
