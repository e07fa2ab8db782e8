"""Damaged messages, and what SciCow's pure part makes of them."""

import json
import random
from collections.abc import Callable
from typing import Any

from scicow.dataset.merge import new_dataset
from scicow.delivery import Delivery, Origin
from scicow.ingest.mapping import desired_of
from scicow.ingest.proposal_check import Standing, refuse_proprietary
from scicow.settings.catalogue import IngestSettings
from scicow.work.error_policy import decide
from scicow.work.handler import read_delivery
from support.scicow.ingest import (
    BEAMLINE,
    PROPOSAL,
    new_pid,
    scan,
    unlinked,
)

_SETTINGS = IngestSettings()
_STANDING = Standing(PROPOSAL, verified=True)
_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    10**400,
    1e308,
    float("nan"),
    "",
    "x" * 70_000,
    "\ud800",
    "\x00",
    "2026-13-45",
    "9999-12-31T23:59:59+14:00",
    [],
    [[[]]],
    {},
    {"value": {"value": {}}},
    {"": "", "__proto__": 1, "a.b": 2, "$where": 3},
    {"value": None, "unit": 7, "error": []},
)


def samples() -> list[bytes]:
    """Return good messages to damage."""
    return [one.to_bytes() for one in scan(new_pid(), files=3)]


def damaged(body: bytes, draw: random.Random) -> bytes:
    """Return a message with one to three damages."""
    for _ in range(draw.randint(1, 3)):
        body = draw.choice(_DAMAGES)(body, draw)
    return body


def outcome(body: bytes) -> tuple[str, str]:
    """Return what becomes of a body without any request: `dataset`, or a verdict, with its reason."""
    try:
        message = read_delivery(Delivery(BEAMLINE, Origin("metadata", 0, 0), b"key", body))
        refuse_proprietary(message)
        dataset = new_dataset(desired_of(message, _STANDING, unlinked, _SETTINGS))
        json.dumps(dataset, allow_nan=False)
    except Exception as error:  # noqa: BLE001 - as the beamline queues' outermost hook: every error gets its verdict
        verdict = decide(error)
        return verdict.kind, verdict.reason
    return "dataset", ""


def _flip(body: bytes, draw: random.Random) -> bytes:
    if not body:
        return b"\xff"
    place = draw.randrange(len(body))
    return body[:place] + bytes([draw.randrange(256)]) + body[place + 1 :]


def _cut(body: bytes, draw: random.Random) -> bytes:
    return body[: draw.randrange(len(body) + 1)]


def _double(body: bytes, draw: random.Random) -> bytes:
    place = draw.randrange(len(body) + 1)
    return body[:place] + body[place : place + draw.randint(1, 50)] * 2 + body[place:]


def _recode(body: bytes, draw: random.Random) -> bytes:
    return body.decode("utf-8", "replace").encode(draw.choice(["utf-16", "utf-32", "latin-1"]), "replace")


def _replace(body: bytes, draw: random.Random) -> bytes:
    return _edited(body, draw, lambda place, key: place.__setitem__(key, draw.choice(_VALUES)))


def _remove(body: bytes, draw: random.Random) -> bytes:
    return _edited(body, draw, lambda place, key: place.__delitem__(key))


def _deepen(body: bytes, draw: random.Random) -> bytes:
    depth = draw.choice([3, 50, 190, 5000])
    opening, closing = draw.choice([(b'{"a":', b"}"), (b"[", b"]")])
    deep = opening * depth + b"1" + closing * depth
    return _edited(body, draw, lambda place, key: place.__setitem__(key, "@DEEP@")).replace(b'"@DEEP@"', deep)


def _edited(body: bytes, draw: random.Random, edit: Callable[[Any, Any], None]) -> bytes:
    """Edit the document at a random place; what is no document any more stays as it is."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return body
    place = document
    while isinstance(place, (dict, list)) and place:
        key = draw.choice(list(place)) if isinstance(place, dict) else draw.randrange(len(place))
        inner = place[key]
        if not isinstance(inner, (dict, list)) or not inner or draw.random() < 0.4:
            edit(place, key)
            break
        place = inner
    try:
        return json.dumps(document).encode("utf-8", "surrogatepass")
    except RecursionError:
        return body


_DAMAGES = (_flip, _cut, _double, _recode, _replace, _replace, _replace, _remove, _remove, _deepen)
