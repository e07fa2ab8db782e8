"""What SciCow's account may do in SciCat, tried out at start: create, read back, patch, remove."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scicow.errors import AlreadyThere, CatalogueRefused, NotAllowed, NotThere
from scicow.ingest_settings import IngestSettings
from scicow.mapping import dataset_pid
from scicow.scicat import ScicatClient

# Always the same dataset, so that an account that may not remove it leaves one behind, not one at each start.
PROBE = "5C1C0000-0C0E-4000-8000-000000000001"
ATTEMPTS = 10


@dataclass(frozen=True)
class Right:
    """One right: whether the account has it, and what to do if not."""

    name: str
    ok: bool
    needed: bool = True
    advice: str = ""


def check_rights(scicat: ScicatClient, settings: IngestSettings) -> list[Right]:
    """Try each right on a probe dataset. Raises CatalogueError for what is no question of rights."""
    for _ in range(ATTEMPTS - 1):
        try:
            return _checked(scicat, settings)
        except (NotThere, AlreadyThere):  # another SciCow removed the probe at the same time
            continue
    return _checked(scicat, settings)


def missing_rights(rights: list[Right]) -> list[Right]:
    """Return the rights that SciCow cannot work without and has not."""
    return [right for right in rights if right.needed and not right.ok]


def _checked(scicat: ScicatClient, settings: IngestSettings) -> list[Right]:
    pid, group = dataset_pid(PROBE, settings), settings.rights_group
    rights = [_tried("create", lambda: _create(scicat, pid, settings), _creating(group, pid))]
    if rights[0].ok:
        rights += [
            _tried("read back", lambda: _read(scicat, pid), _OWN.format(what="read back", group=group)),
            _tried("patch", lambda: _patch(scicat, pid), _OWN.format(what="change", group=group)),
        ]
        rights.append(_tried("remove", lambda: _remove(scicat, pid), _REMOVE, needed=False))
    return rights


_OWN = (
    "it may create datasets of group {group!r} but not {what} them, as accounts that are only privileged: "
    "add it to SciCat's ADMIN_GROUPS, or give it the owner groups as roles"
)
_REMOVE = (
    f"optional: without it the probe dataset {PROBE} stays, and a datablock that a broken connection doubled "
    "is only emptied or reported"
)


def _creating(group: str, pid: str) -> str:
    return (
        f"it may not create datasets of group {group!r} with a pid of its choice ({pid}): add it to SciCat's "
        "ADMIN_GROUPS, or give it the owner groups as roles and add it to CREATE_DATASET_WITH_PID_GROUPS; "
        "correct ingest.pid_prefix and ingest.pid_shape if SciCat refuses the pid"
    )


def _tried(name: str, act: Callable[[], None], advice: str, *, needed: bool = True) -> Right:
    try:
        act()
    except (NotAllowed, CatalogueRefused) as error:
        return Right(name, False, needed, f"SciCow's account may not {name}: {advice} ({error})")
    return Right(name, True, needed)


def _create(scicat: ScicatClient, pid: str, settings: IngestSettings) -> None:
    probe: dict[str, Any] = {
        "pid": pid,
        "type": "raw",
        "datasetName": "SciCow's test of its rights; may be removed",
        "owner": "SciCow",
        "ownerGroup": settings.rights_group,
        "contactEmail": settings.contact_email,
        "sourceFolder": settings.source_folder,
        "creationTime": "2026-01-01T00:00:00.000Z",
        "scientificMetadata": {},
    }
    try:
        scicat.create_dataset(probe)
    except AlreadyThere:  # so it was allowed: SciCat looks at the rights first
        return


def _read(scicat: ScicatClient, pid: str) -> None:
    if scicat.dataset(pid) is None:
        raise NotThere(f"the probe dataset {pid} has gone", 404)


def _remove(scicat: ScicatClient, pid: str) -> None:
    with contextlib.suppress(NotThere):  # another SciCow was quicker, and had the right
        scicat.delete_dataset(pid)


def _patch(scicat: ScicatClient, pid: str) -> None:
    scicat.patch_dataset(pid, {"comment": "patched"})
