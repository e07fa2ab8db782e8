"""Datasets in v3's shape and in v4's: one is stored (v4's, plural names), the other is made of it."""

from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]

SINGULAR = {
    "proposalId": "proposalIds",
    "sampleId": "sampleIds",
    "instrumentId": "instrumentIds",
    "principalInvestigator": "principalInvestigators",
    "investigator": "principalInvestigators",
}
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
}
_LIFECYCLE: Document = {
    "archivable": False,
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
    """Return a stored dataset as v3 shows it: each plural field has its first entry as the singular one."""
    shown = dict(stored)
    for singular, plural in SINGULAR.items():
        if plural in stored and _belongs(singular, stored):
            entries = stored[plural]
            shown[singular] = entries[0] if entries else None
    return shown


def with_defaults(dataset: Mapping[str, Any]) -> Document:
    """Return a new dataset with what SciCat fills in for absent fields."""
    given = {name: value for name, value in dataset.items() if value is not None or name not in _DEFAULTS}
    lifecycle = {**_LIFECYCLE, **(dataset.get("datasetlifecycle") or {})}
    return {**_DEFAULTS, **given, "datasetlifecycle": lifecycle}


def merge_patch(target: object, patch: object) -> Any:
    """Return `target` with a JSON merge patch (RFC 7396) applied: null removes a member."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def _belongs(singular: str, stored: Mapping[str, Any]) -> bool:
    """Tell whether v3 has `singular` for this type of dataset."""
    derived = stored.get("type") == "derived"
    return (
        singular not in ("investigator", "principalInvestigator") or (singular == "investigator") == derived
    )
