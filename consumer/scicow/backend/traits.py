"""What the backends of SciCat differ in, found out with a probe dataset: their version number is no help.

SciCow works on all of them (from v4.18 on); only the first trait changes what it does.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from scicow.dataset.desired import METADATA
from scicow.errors import AlreadyThere, NotAllowed, NotThere
from scicow.ingest.mapping import dataset_pid
from scicow.scicat.client import MERGE_PATCH, ScicatClient, path_of
from scicow.settings.catalogue import IngestSettings
from scifish.contract.scicat_names import stored_name

# Always the same dataset, so that an account that may not remove it leaves one behind, not one at each start.
PROBE = "5C1C0000-0C0E-4000-8000-000000000001"
_NAME = "a name"
_SIZE = 7
ATTEMPTS = 10  # at the probe, where another SciCow may work at the same time


@dataclass(frozen=True)
class Trait:
    """One trait: whether this SciCat has it, and what follows; `wrong`: SciCow cannot work with it."""

    name: str
    there: bool
    follows: str
    wrong: bool = False


def probe_pid(settings: IngestSettings) -> str:
    """Return the pid of the probe dataset in the catalogue."""
    return dataset_pid(PROBE, settings)


def create_probe(scicat: ScicatClient, settings: IngestSettings, pid: str | None = None) -> None:
    """Make the probe dataset. Raises CatalogueError, not when it is there: then SciCat has allowed it.

    It has no metadata: SciCat's master ends when some are inserted while another SciCow's probe is removed.
    """
    with contextlib.suppress(AlreadyThere):
        scicat.create_dataset(
            {
                "pid": pid or probe_pid(settings),
                "type": "raw",
                "datasetName": "SciCow's test of its rights; may be removed",
                "owner": "SciCow",  # else v4 answers 500
                "ownerGroup": settings.rights_group,
                "contactEmail": settings.contact_email,
                "sourceFolder": settings.source_folder,
                "creationTime": "2026-01-01T00:00:00.000Z",
            }
        )


def remove_probe(scicat: ScicatClient, settings: IngestSettings, pid: str | None = None) -> None:
    """Remove the probe dataset. Raises CatalogueError."""
    with contextlib.suppress(NotThere):  # another SciCow was quicker, and had the right
        scicat.delete_dataset(pid or probe_pid(settings))


def traits_of(scicat: ScicatClient, settings: IngestSettings) -> list[Trait]:
    """Find the traits out; the account must have the rights (`permissions`). Raises CatalogueError.

    An account that may remove tries them at a dataset of its own: the probe goes when another SciCow starts.
    """
    create_probe(scicat, settings)
    try:
        remove_probe(scicat, settings)
    except NotAllowed:
        return _at_the_probe(scicat, settings)
    own = dataset_pid(str(uuid4()).upper(), settings)
    create_probe(scicat, settings, own)
    try:
        return _found_out(scicat, own)
    finally:
        remove_probe(scicat, settings, own)


def _at_the_probe(scicat: ScicatClient, settings: IngestSettings) -> list[Trait]:
    """Find the traits out at a probe that stays, and that another SciCow may change or remove meanwhile."""
    for _ in range(ATTEMPTS - 1):
        create_probe(scicat, settings)
        with contextlib.suppress(NotThere):
            found = _found_out(scicat, probe_pid(settings))
            if not any(one.wrong for one in found):
                return found
    create_probe(scicat, settings)
    return _found_out(scicat, probe_pid(settings))


def _found_out(scicat: ScicatClient, pid: str) -> list[Trait]:
    conditional = scicat.refuses_outdated(pid)
    scicat.patch_dataset(pid, {"size": _SIZE, METADATA: {_NAME: {"value": 2, "unit": "mm"}, "one": {"a": 1}}})
    merged = scicat.patch_dataset(pid, {METADATA: {"one": {"b": 2}}})
    bare = scicat.session.send(
        "PATCH", path_of(pid), {"comment": "bare"}, headers={"content-type": MERGE_PATCH}
    )
    return [
        _conditional(conditional),
        _merges(merged),
        _keeps_counts(merged.get("size"), bare.json().get("size")),
        _encodes(merged),
        _converts(merged),
    ]


def _conditional(there: bool) -> Trait:
    yes = "what others change meanwhile is never overwritten"
    no = "before v4.27: SciCow reads each dataset before it patches it; only a change in that moment is lost"
    return Trait("conditional patch", there, yes if there else no)


def _merges(dataset: Mapping[str, Any]) -> Trait:
    there = (dataset.get(METADATA) or {}).get("one") == {"a": 1, "b": 2}
    no = "before v4.18: a patch replaces or loses the metadata; SciCow needs a newer SciCat"
    return Trait("merge-patch", there, "metadata are merged" if there else no, wrong=not there)


def _keeps_counts(ours: Any, bare: Any) -> Trait:
    resets = bare != ours
    if ours != _SIZE:
        why = f"size is {ours} after a patch that should keep {_SIZE}; report it with SciCat's version"
        return Trait("counts reset", True, why, wrong=True)
    yes = "a patch of others sets size and numberOfFiles to 0; those of SciCow keep them"
    return Trait("counts reset", resets, yes if resets else "a patch keeps size and numberOfFiles")


def _encodes(dataset: Mapping[str, Any]) -> Trait:
    there = stored_name(_NAME) in (dataset.get(METADATA) or {})
    yes = "v4 answers give names URL-encoded, which SciCow heeds; `.` and `%2E` are the same name"
    return Trait("encoded keys", there, yes if there else "names are stored as they are given")


def _converts(dataset: Mapping[str, Any]) -> Trait:
    held = dataset.get(METADATA) or {}
    value = held.get(stored_name(_NAME)) or held.get(_NAME) or {}
    there = "valueSI" in value
    yes = "quantities can be searched in any unit, and take twice the room"
    return Trait("SI values", there, yes if there else "quantities are searched in their own unit only")
