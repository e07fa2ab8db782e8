"""A scan that any SciCat is given: odd names, values with units and without, files that come later."""

from datetime import timedelta
from typing import Any

from scicow.scicat.client import ScicatClient
from scifish.contract.message import Message
from support.scicow.ingest import (
    BEGIN,
    dataset_of,
    file,
    message,
)

NAMES = ("sample stage", "temp. 1", "a/b", "$set", "Größe Å", "%2E", "50%", "a%20b c", "vacuum", "plain")
PICTURE = {"caption": "spectrum", "thumbnail": "data:image/png;base64,iVBORw0KGgo="}


def metadata(value: float, **more: Any) -> dict[str, Any]:
    """Return metadata with all names, as groups and as items, their values with a unit or without."""
    items = {name: {"value": value, "unit": "mm"} for name in NAMES} | {f"{one} n": value for one in NAMES}
    return {**{name: dict(items) for name in NAMES}, **more}


def scan(pid: str, sample: str = "cup-3") -> list[Message]:
    """Return a scan's messages: each knows more, and other values, than the one before."""
    technique = {"pid": "http://purl.org/pan-science/PaNET/PaNET01196", "name": "x-ray absorption"}
    first = {"scientificMetadata": metadata(1.5), "techniques": [technique], "keywords": ["films"]}
    linked = {**first, "sampleId": sample, "instrument": "Flex PES 2.1"}
    late = {**linked, "scientificMetadata": metadata(2.5, late={"x y": 1}), "files": [file(1)]}
    ended = {
        **late,
        "scientificMetadata": metadata(3.5, late={"x y": 2}),
        "techniques": [technique, {"pid": "other", "name": "other"}],
        "files": [file(1), file(2)],
        "endTime": BEGIN + timedelta(minutes=5),
        "attachments": [PICTURE],
    }
    after = {**ended, "files": [file(1, 150, 1), file(3)]}
    return [
        message(pid, dataset=first),
        message(pid, "update", 1, dataset=late),
        message(pid, "end", 2, dataset=ended, environment={"exitStatus": "normal"}),
        message(pid, "update", 3, dataset=after, environment={"exitStatus": "normal"}),
    ]


def counts(client: ScicatClient, pid: str) -> tuple[Any, Any]:
    dataset = dataset_of(client, pid)
    return dataset["numberOfFiles"], dataset["size"]
