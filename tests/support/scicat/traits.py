"""What SciCat's versions differ in, found by asking: each trait by its name, with how it is probed.

v4.27.0 and minicat have all of them.
"""

import json
import os
from collections.abc import Callable
from typing import NamedTuple

import pytest
import requests

from support.scicat.catalogue import (
    GROUP,
    MOMENT,
    Api,
    encoded,
    made,
    path_of,
    pid_with_prefix,
    publication_of,
    raw_v3,
    unique,
)

requires_trait = pytest.mark.requires_trait


def _refuses_late_patches(api: Api) -> bool:
    old = "Thu, 01 Jan 2026 00:00:00 GMT"
    patched = api.patch(path_of(api.dataset(4), 4), {"comment": "late"}, If_Unmodified_Since=old)
    return patched.status_code == 412


def _merges(api: Api) -> bool:
    dataset = api.dataset(4, scientificMetadata={"group": {"one": 1}})
    api.merge(path_of(dataset, 4), {"scientificMetadata": {"group": {"two": 2}}})
    kept: object = api.get(path_of(dataset)).json()["scientificMetadata"]
    return kept == {"group": {"one": 1, "two": 2}}


def _encodes(api: Api) -> bool:
    return "a%20b" in api.dataset(4, scientificMetadata={"a b": 1})["scientificMetadata"]


def _resets_counts(api: Api) -> bool:
    changed = api.patch(path_of(api.dataset(4, size=12), 4), {"comment": "x"}).json()
    return bool(changed["size"] == 0)


def _compares(api: Api) -> bool:
    name = api.dataset(4, size=2)["datasetName"]
    found = api.get("/v3/datasets", filter={"where": {"datasetName": name, "size": {"gt": 1}}})
    return found.status_code == 200 and len(found.json()) == 1


def _reads_groups(api: Api) -> bool:
    name = api.dataset(4)["datasetName"]
    return len(api.found(3, where={"or": [{"datasetName": {"inq": [name]}}]})) == 1


def _finds_instruments(api: Api) -> bool:
    where = {"uniqueName": {"inq": [unique("none")]}}
    return api.get("/v3/instruments", filter={"where": where}).status_code == 200


def _publishes(api: Api) -> bool:
    return api.get("/v4/publisheddata").status_code == 200


def _checks_years(api: Api) -> bool:
    answer = api.post("/v4/publisheddata", publication_of(api.dataset(), publicationYear="next year"))
    if answer.status_code != 201:
        return False
    return api.client.post(f"/v4/publisheddata/{encoded(answer.json()['doi'])}/publish").status_code == 400


def _registers(api: Api) -> bool:
    """Tried at a real one only where the environment says that it calls no DataCite: a DOI is for ever."""
    if api.real and not os.environ.get("SCICAT_NO_DATACITE"):
        return False
    answer = api.post("/v4/publisheddata", publication_of(api.dataset()))
    if answer.status_code != 201:
        return False
    path = f"/v4/publisheddata/{encoded(answer.json()['doi'])}"
    return all(api.client.post(f"{path}/{step}").ok for step in ("publish", "register"))


def _takes_prefixes(api: Api) -> bool:
    return api.post("/v3/datasets", raw_v3(pid=pid_with_prefix())).status_code == 201


def _takes_addresses(api: Api) -> bool:
    address = "https://storage.example.org/schema.json"
    body = raw_v3(scientificMetadataSchema=address, sourceFolderHost=address)
    return api.post("/v3/datasets", body).status_code == 201


def _changes_periods(api: Api) -> bool:
    body = {"proposalId": unique("p"), "email": "a@example.org", "title": "t", "ownerGroup": GROUP}
    made(api.post("/v3/proposals", body))
    periods = [{"instrument": "b1", "start": MOMENT, "end": MOMENT}]
    path = f"/v3/proposals/{encoded(body['proposalId'])}"
    return api.patch(path, {"MeasurementPeriodList": periods}).status_code == 200


def _names(api: Api) -> bool:
    body = raw_v3()
    del body["datasetName"]
    return api.post("/v3/datasets", body).status_code == 201


def _checks_filters(api: Api) -> bool:
    return api.client.get("/v4/datasets", params={"filter": "{where"}).status_code == 400


def _includes_own_files(api: Api) -> bool:
    first, second = api.dataset(), api.dataset()
    for dataset in (first, second):
        files = [{"path": "a.h5", "size": 1, "time": MOMENT}]
        made(api.post(f"{path_of(dataset)}/origdatablocks", {"size": 1, "dataFileList": files}))
    where, include = {"pid": first["pid"]}, [{"relation": "origdatablocks"}]
    return len(api.found(3, where=where, include=include)[0]["origdatablocks"]) == 1


def _filters_for_guests(api: Api) -> bool:
    api.dataset(isPublished=True)
    where = {"pid": unique("none")}
    query = {"filter": json.dumps({"where": where})}
    found = requests.get(f"{api.client.base}/v3/datasets", params=query, timeout=60)
    return bool(found.json() == [])


def _resets_samples(api: Api) -> bool:
    sample = made(api.post("/v3/samples", {"ownerGroup": GROUP, "sampleCharacteristics": {"a": 1}}))
    path = f"/v3/samples/{encoded(sample['sampleId'])}"
    api.patch(path, {"description": "d"})
    return not api.get(path).json().get("sampleCharacteristics")


def _reads_proposals(api: Api) -> bool:
    body = {"proposalId": unique("p"), "email": "a@example.org", "title": "t", "ownerGroup": GROUP}
    made(api.post("/v3/proposals", body))
    return api.get(f"/v3/proposals/{encoded(body['proposalId'])}").status_code == 200


class Trait(NamedTuple):
    """How a trait is probed, and with whose rights."""

    probe: Callable[[Api], bool]
    account: str = "admin"


TRAITS: dict[str, Trait] = {
    "conditional patch": Trait(_refuses_late_patches),
    "merge-patch": Trait(_merges),
    "encoded keys": Trait(_encodes),
    "counts reset": Trait(_resets_counts),
    "samples reset": Trait(_resets_samples),
    "v3 comparisons": Trait(_compares),
    "v3 and/or": Trait(_reads_groups),
    "instruments by inq": Trait(_finds_instruments),
    "v4 published data": Trait(_publishes),
    "publication years checked": Trait(_checks_years),
    "registration without DataCite": Trait(_registers),
    "pids with a prefix": Trait(_takes_prefixes),
    "names of folders": Trait(_names),
    "schemas and addresses of hosts": Trait(_takes_addresses),
    "periods changed": Trait(_changes_periods),
    "filters checked": Trait(_checks_filters),
    "own files included by v3": Trait(_includes_own_files),
    "filters of guests": Trait(_filters_for_guests),
    "others' proposals read": Trait(_reads_proposals, "proposer"),
}
