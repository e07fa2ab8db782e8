"""What SciCat writes onto every document: who made it and when, who changed it and when."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from minicat.rules.permissions import Account
from minicat.values.times import parse_iso
from scifish.common.clock import iso, utcnow

TIMES = frozenset({"createdAt", "updatedAt"})


def created(document: Mapping[str, Any], account: Account) -> dict[str, Any]:
    """Return a new document with its stamps."""
    now, who = iso(utcnow()), account.username or "anonymous"
    return {**document, "createdBy": who, "updatedBy": who, "createdAt": now, "updatedAt": now}


def changed(document: Mapping[str, Any], account: Account) -> dict[str, Any]:
    """Return a changed document with its stamps; `updatedAt` always grows, so no change is overlooked."""
    last = parse_iso(document["updatedAt"])
    now = utcnow()
    moment = now if last is None else max(now, last + timedelta(milliseconds=1))
    return {**document, "updatedBy": account.username or "anonymous", "updatedAt": iso(moment)}


def with_ids(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the records with the `_id` that MongoDB gives to each, and SciCat refuses when sent."""
    return [{**one, "_id": secrets.token_hex(12)} for one in records]
