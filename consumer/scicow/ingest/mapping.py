"""Maps a message to SciCat's fields: the only module that knows both. Pure functions."""

from collections.abc import Callable
from typing import Any

from scicow.dataset.clean_metadata import DEEPEST, clean, name_of
from scicow.dataset.desired import BOOKKEEPING, METADATA, SCAN, DataFile, Desired
from scicow.ingest.links import Links
from scicow.ingest.proposal_check import Standing
from scicow.settings.catalogue import PLACES, IngestSettings
from scifish.common.clock import iso
from scifish.contract.message import Dataset, Message
from scifish.contract.scicat_names import protect
from sdm.proposal import Proposal

UNVERIFIED = "proposal not verified"  # in SciCat's validationStatus: found again by the verify pass
VERIFIED = "proposal verified"


def dataset_pid(pid: str, settings: IngestSettings) -> str:
    """Return the pid in the catalogue of a message's pid."""
    return settings.pid_prefix + (pid.lower() if settings.pid_shape == "lower" else pid)


def desired_of(
    message: Message, standing: Standing, linked: Callable[[str], Links], settings: IngestSettings
) -> Desired:
    """Return the dataset as the message would have it; `linked` gives its links for an owner group.

    Raises MessageUnfit.
    """
    places = places_of(message, standing.proposal, settings)
    office = office_fields(standing, places, settings)
    links = linked(office["ownerGroup"])
    marks = (*standing.marks, *links.marks)
    fields = {
        **settings.fields,
        **_scan_fields(message, settings, places),
        **office,
        **_link_fields(message, links),
        "keywords": _keywords(message, settings, places),
        METADATA: _metadata(message, standing, marks, settings),
    }
    return Desired(
        pid=dataset_pid(message.pid, settings),
        sequence=message.sequence,
        first=message.sequence == 0 and message.event == "start",
        fields={name: value for name, value in fields.items() if value not in (None, [], ())},
        files=tuple(_files(message.dataset, settings)),
        attachments=tuple(attachments_of(message.dataset)),
        marks=marks,
        weak=frozenset() if standing.verified else frozenset(office) - {"validationStatus"},
    )


def places_of(message: Message, proposal: Proposal | None, settings: IngestSettings) -> dict[str, str]:
    """Return what the templates of the settings may name."""
    reference = message.proposal
    known = {
        "beamline": message.beamline,
        "proposal": reference.id or "",
        "category": reference.category or "",
        "visit": reference.visit or "",
    }
    return with_group(known, proposal, settings)


def with_group(places: dict[str, str], proposal: Proposal | None, settings: IngestSettings) -> dict[str, str]:
    """Return `places` with the proposal's group."""
    places = {**dict.fromkeys(PLACES, ""), **places}
    group = proposal.group if proposal is not None else None
    return {**places, "group": group or settings.proposal_group.format_map(places)}


def office_fields(standing: Standing, places: dict[str, str], settings: IngestSettings) -> dict[str, Any]:
    """Return the fields that follow from the proposal; the verify pass writes them again."""
    proposal = standing.proposal
    pi = proposal.pi if proposal is not None else None
    name = (pi.name if pi else "") or settings.principal_investigator
    email = pi.email if pi else ""
    return {
        "ownerGroup": _owner_group(standing, places, settings),
        "accessGroups": _rendered(settings.access_groups, places),
        "instrumentGroup": settings.instrument_group and settings.instrument_group.format_map(places),
        "principalInvestigators": [name],
        "owner": name,
        "ownerEmail": email or None,
        "contactEmail": email or settings.contact_email,
        "validationStatus": VERIFIED if standing.verified else UNVERIFIED,
    }


def proposal_group(proposal: Proposal | None, settings: IngestSettings) -> dict[str, Any]:
    """Return the metadata group `proposal`: what people search for."""
    if proposal is None or not settings.proposal_text:
        return {}
    texts = {"title": proposal.title, "abstract": proposal.abstract}
    kept = {name: text for name, text in texts.items() if text}
    return {"proposal": kept} if kept else {}


def _owner_group(standing: Standing, places: dict[str, str], settings: IngestSettings) -> str:
    if standing.proposal is not None and standing.proposal.category != "staff":
        return settings.owner_group.format_map(places)
    if not standing.verified:
        return settings.fallback_group
    if places["category"] != "staff" and standing.proposal is None and settings.group_without_proposal:
        return settings.group_without_proposal
    return settings.staff_group.format_map(places)


def _scan_fields(message: Message, settings: IngestSettings, places: dict[str, str]) -> dict[str, Any]:
    dataset = message.dataset
    scan_id = message.environment.scan_id
    ended = message.event == "end" or dataset.end_time is not None
    return {
        "type": "raw",
        "datasetName": dataset.dataset_name,
        "description": dataset.description or message.environment.title,
        "sourceFolder": dataset.source_folder or settings.source_folder,
        "sourceFolderHost": settings.source_folder_host,
        "creationTime": iso(dataset.start_time),
        "startTime": iso(dataset.start_time),
        "endTime": iso(dataset.end_time) if dataset.end_time else None,
        "creationLocation": settings.creation_location.format_map(places),
        "dataFormat": dataset.data_format,
        "runNumber": None if scan_id is None else str(scan_id),
        "techniques": _techniques(dataset),
        "datasetlifecycle": {
            "archivable": ended,
            "archiveStatusMessage": "datasetCreated" if ended else "filesNotReadyYet",
            **settings.lifecycle,
        },
    }


def _link_fields(message: Message, links: Links) -> dict[str, Any]:
    return {
        "proposalIds": [message.proposal.id] if message.proposal.id else None,
        "sampleIds": [links.sample] if links.sample else None,
        "instrumentIds": [links.instrument] if links.instrument else None,
    }


def _techniques(dataset: Dataset) -> list[dict[str, str]]:
    """Return techniques with the pid and the name that SciCat demands; one stands for the other."""
    found = []
    for technique in dataset.techniques:
        name = technique.get("name") or technique.get("pid")
        if name:
            found.append({"pid": technique.get("pid") or name, "name": name})
    return found


def _keywords(message: Message, settings: IngestSettings, places: dict[str, str]) -> list[str]:
    return list(dict.fromkeys((*message.dataset.keywords, *_rendered(settings.keywords, places))))


def _rendered(templates: tuple[str, ...], places: dict[str, str]) -> list[str]:
    return list(dict.fromkeys(text for text in (one.format_map(places) for one in templates) if text))


def _metadata(
    message: Message, standing: Standing, marks: tuple[str, ...], settings: IngestSettings
) -> dict[str, Any]:
    """Return the metadata: what was recorded, the scan's facts, the proposal's text, SciZoo's bookkeeping."""
    groups = {**_recorded(message), **proposal_group(standing.proposal, settings)}
    cleaned: dict[str, Any] = clean(groups)
    return {**cleaned, BOOKKEEPING: clean(_bookkeeping(message, marks))}


def groups_of(message: Message) -> frozenset[str]:
    """Return the names of the groups and items that the metadata of a message have, without empty ones."""
    return frozenset(name_of(name) for name, value in _recorded(message).items() if _says_something(value))


def _recorded(message: Message) -> dict[str, Any]:
    """Return what was recorded, and the scan's facts."""
    recorded = dict(message.dataset.scientific_metadata)
    if BOOKKEEPING in recorded:  # a producer's own group of that name is kept under another one
        recorded[f"_{BOOKKEEPING}"] = recorded.pop(BOOKKEEPING)
    own = recorded.get(SCAN)
    return {**recorded, SCAN: {**(own if isinstance(own, dict) else {}), **_scan(message)}}


def _says_something(value: Any, depth: int = 0) -> bool:
    if isinstance(value, dict):
        return depth < DEEPEST and any(_says_something(one, depth + 1) for one in value.values())
    return value not in (None, [])


def _scan(message: Message) -> dict[str, Any]:
    """Return the scan's facts, with a name such as `user` protected.

    SciFish has protected what it recorded, for it must know how large that becomes; the facts travel plain.
    """
    facts = message.environment.model_dump(mode="json", by_alias=True, exclude_none=True)
    protected: dict[str, Any] = protect({SCAN: facts})[SCAN]
    return protected


def _bookkeeping(message: Message, marks: tuple[str, ...]) -> dict[str, Any]:
    """Return the group `scizoo`. No name in it begins with u or v, which SciCat would mistake."""
    producer = message.producer
    who = f"{producer.name}/{producer.version} on {producer.host}"
    return {
        "schema": message.schema_,
        "sequence": message.sequence,
        "producer": f"{who} for {producer.orchestrator}" if producer.orchestrator else who,
        "configuration": message.configuration.model_dump(mode="json", exclude_none=True),
        "problems": list(message.problems),
        "marks": list(marks),
        "beamline": message.beamline,
        "category": message.proposal.category,
        "beamtime": message.proposal.visit,
    }


def _files(dataset: Dataset, settings: IngestSettings) -> list[DataFile]:
    """Return the files, one for each path, the newest, ordered by path."""
    folder = f"{dataset.source_folder.rstrip('/')}/" if dataset.source_folder else None
    newest: dict[str, DataFile] = {}
    for file in dataset.files:
        path = file.path
        if settings.relative_paths and folder and path.startswith(folder):
            path = path[len(folder) :]
        entry = DataFile(path, iso(file.time), file.size)
        if path not in newest or newest[path].age < entry.age:
            newest[path] = entry
    return [newest[path] for path in sorted(newest)]


def attachments_of(dataset: Dataset) -> list[dict[str, str]]:
    """Return the pictures: `attachments` of the dataset, each with a caption and a data URL."""
    given = (dataset.model_extra or {}).get("attachments") or []
    pictures = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    return [
        {"caption": str(one["caption"]), "thumbnail": str(one["thumbnail"])}
        for one in pictures
        if one.get("caption") and one.get("thumbnail")
    ]
