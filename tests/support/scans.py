"""Scans in a catalogue as SciCow writes them, for tests of the page."""

from datetime import datetime, timedelta, timezone
from typing import Any

from scifish.common.clock import iso
from support.scicat.catalogue import Api, made, raw_v4, unique

PROPOSAL = "20260042"
GROUP = f"{PROPOSAL}-group"
NEWEST = datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc)


def quantity(value: object, unit: str) -> dict[str, Any]:
    return {"value": value, "unit": unit}


def scan(number: int, *, running: bool = False, **fields: Any) -> dict[str, Any]:
    """Return the dataset of a scan; a higher number is a newer one."""
    begin = NEWEST + timedelta(minutes=number)
    end = {} if running else {"exitStatus": "normal", "endTime": iso(begin + timedelta(seconds=20))}
    metadata = {
        "scan": {
            "scanID": number,
            "macro": "ascan",
            "title": f"ascan mot01 0 1 {number}",
            "startTime": iso(begin),
            **end,
        },
        "monochromator": {
            "energy": quantity(700 + number / 4, "eV"),
            "exit slit": quantity(20, "um"),
            "grating": quantity("800 l/mm", ""),
        },
        "cooling": {"water flow": {"unit": "l/min", "error": "no answer within 300 ms"}},
        "scizoo": {
            "producer": "scifish/0.1.0 on host for Sardana",
            "configuration": {"name": "photoemission", "revision": 3},
            "beamtime": "2026030108",
            "problems": [],
            "marks": [],
        },
    }
    more = fields.pop("scientificMetadata", {})
    return raw_v4(
        datasetName=f"scan {number}: ascan mot01 0 1 {number}",
        creationTime=iso(begin),
        ownerGroup=GROUP,
        proposalIds=[PROPOSAL],
        description=f"ascan mot01 0 1 {number}",
        keywords=["test"],
        scientificMetadata={**metadata, **more},
        **fields,
    )


def add(api: Api, *numbers: int, **fields: Any) -> list[dict[str, Any]]:
    """Make the datasets of some scans, oldest first."""
    return [made(api.post("/v4/datasets", scan(number, **fields))) for number in numbers]


def name() -> str:
    return unique("proposal")
