"""Datasets in v3's shape and in v4's: one is stored (v4's, plural names), the other is made of it."""

import re
from collections.abc import Mapping
from typing import Any

from minicat.values.metadata_keys import with_decoded_names
from scifish.contract.metadata import merge_patch

Document = dict[str, Any]

SINGULAR = {
    "proposalId": "proposalIds",
    "sampleId": "sampleIds",
    "instrumentId": "instrumentIds",
    "principalInvestigator": "principalInvestigators",
    "investigator": "principalInvestigators",
}
_PAIR = {"value", "unit"}
_LISTED = ("proposalId", "sampleId", "instrumentId")
_DEFAULTS: Document = {
    "accessGroups": [],
    "size": 0,
    "packedSize": 0,
    "numberOfFiles": 0,
    "numberOfFilesArchived": 0,
    "keywords": [],
    "isPublished": False,
    "techniques": [],
    "sharedWith": [],
    "relationships": [],
    "scientificMetadata": {},
    "principalInvestigators": [],
    "proposalIds": [],
    "sampleIds": [],
    "instrumentIds": [],
    "inputDatasets": [],
    "usedSoftware": [],
}
_LIFECYCLE: Document = {
    "archivable": True,
    "retrievable": False,
    "publishable": False,
    "isOnCentralDisk": True,
    "archiveStatusMessage": "datasetCreated",
    "retrieveStatusMessage": "",
    "retrieveIntegrityCheck": False,
}


def from_v3(body: Mapping[str, Any]) -> Document:
    """Return a v3 body with the stored names; only what is in it."""
    return {
        SINGULAR.get(name, name): [value] if name in SINGULAR else value
        for name, value in body.items()
        if not (name == "investigator" and "principalInvestigator" in body)
    }


def new_from_v3(body: Mapping[str, Any]) -> Document:
    """Return a new v3 dataset with the stored names; SciCat keeps ``[null]`` for an absent identifier."""
    return from_v3({**dict.fromkeys(_LISTED), **body})


def to_v3(stored: Mapping[str, Any]) -> Document:
    """Return a stored dataset as v3 shows it.

    A plural field that is not empty has its first entry as the singular one; names of metadata are decoded.
    """
    shown = dict(stored)
    for singular, plural in SINGULAR.items():
        if singular != "investigator" and stored.get(plural):
            shown[singular] = stored[plural][0]
    if isinstance(stored.get("scientificMetadata"), dict):
        shown["scientificMetadata"] = with_decoded_names(stored["scientificMetadata"])
    return shown


def with_defaults(dataset: Mapping[str, Any]) -> Document:
    """Return a new dataset with what SciCat fills in for absent fields."""
    given = {name: value for name, value in dataset.items() if value is not None or name not in _DEFAULTS}
    lifecycle = {**_LIFECYCLE, **(dataset.get("datasetlifecycle") or {})}
    classification = _classification(dataset.get("classification"))
    return {**_DEFAULTS, **given, "datasetlifecycle": lifecycle, "classification": classification}


def name_of_folder(folder: object) -> str | None:
    """Return the name that v3 gives to a dataset without one: the last two names of its folder."""
    return "/".join([name for name in folder.split("/") if name][-2:]) if isinstance(folder, str) else None


def dataset_patch(stored: Mapping[str, Any], patch: Mapping[str, Any]) -> Document:
    """Return what a merge patch of v4 makes of a dataset.

    Only in the metadata and the lifecycle null removes a member; a null at the top changes nothing.
    """
    merged = {name: merge_patch(stored.get(name), one) for name, one in patch.items() if one is not None}
    return {**stored, **merged}


def half_quantities(patch: object, stored: object, path: str = "scientificMetadata") -> list[str]:
    """Return where `patch` has a value without unit or a unit alone, and the stored item has both."""
    if not isinstance(patch, dict) or not isinstance(stored, dict):
        return []
    halves = [path] if stored.keys() >= _PAIR and len(_PAIR & patch.keys()) == 1 else []
    return halves + [
        half
        for name, one in patch.items()
        for half in half_quantities(one, stored.get(name), f"{path}.{name}")
    ]


def _classification(text: object) -> str:
    """Return SciCat's text: of what the client sent only the availability is kept."""
    found = re.search(r"(?<=AV=).*?(?=,)", text) if isinstance(text, str) else None
    return f"IN=medium,AV={found[0] if found else 'low'},CO=low"
