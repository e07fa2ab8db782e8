"""A database of minicat with very many datasets, for benches: written as minicat would, without HTTP."""

import sqlite3
import time
from contextlib import closing
from datetime import datetime, timedelta, timezone
from typing import Any

from pydantic_core import to_json

from minicat.query.json_field import register_functions
from minicat.store import DocumentStore
from scifish.common.clock import iso

PER_PROPOSAL = 1000
NEWEST = datetime(2026, 11, 1, tzinfo=timezone.utc)
EVERY = timedelta(seconds=20)
LACKS_TITLE = 7  # of 50,000


def proposal_of(number: int) -> str:
    return f"{20260000 + number // PER_PROPOSAL}"


def dataset(number: int, age: int) -> dict[str, Any]:
    """Return the dataset `number`, which is `age` scans older than the newest."""
    moment, proposal = iso(NEWEST - age * EVERY), proposal_of(number)
    pid = f"20.500.12345/{number:08}"
    metadata = {
        f"device{group}": {
            f"item{item}": {
                "value": number % 977 + item + 0.25,
                "unit": "mm",
                "valueSI": (number % 977 + item + 0.25) / 1000,
                "unitSI": "m",
            }
            for item in range(5)
        }
        for group in range(4)
    }
    title = {} if number % 50_000 == LACKS_TITLE else {"title": "ascan mot01 0 1 10 0.1"}
    return {
        "_id": pid,
        "pid": pid,
        "datasetName": f"scan_{number:08}",
        "type": "raw",
        "owner": "Ada Tester",
        "ownerGroup": f"{proposal}-group",
        "accessGroups": ["staff"],
        "isPublished": number % 100 == 0,
        "contactEmail": "ada@example.org",
        "sourceFolder": f"/data/visitors/b1/{proposal}/2026030109/raw",
        "creationTime": moment,
        "createdAt": moment,
        "updatedAt": moment,
        "proposalIds": [proposal],
        "scientificMetadata": {
            "scan": {"scanID": number, "exitStatus": "ok", **title},
            **metadata,
        },
    }


def fill(path: str, number: int) -> float:
    """Write `number` datasets, whose proposals lie mixed in time; return how long the upgrade took.

    They are written as an older minicat left them; an upgrade makes their rows. In seconds.
    """
    DocumentStore(path).close()
    stride = max(1, number // PER_PROPOSAL)
    with closing(sqlite3.connect(path)) as database:
        register_functions(database)
        for trigger in ("item_added", "lookup_added"):  # their rows are made together, at the next opening
            database.execute(f"DROP TRIGGER {trigger}")
        for begin in range(0, number, 10_000):
            ages = range(begin, min(begin + 10_000, number))
            made = (dataset(age % stride * PER_PROPOSAL + age // stride, age) for age in ages)
            rows = ((one["pid"], to_json(one).decode()) for one in made)
            with database:
                database.executemany("INSERT INTO dataset (id, doc) VALUES (?, ?)", rows)
        database.execute("PRAGMA user_version = 2")
    opened = time.perf_counter()
    DocumentStore(path).close()
    return time.perf_counter() - opened
