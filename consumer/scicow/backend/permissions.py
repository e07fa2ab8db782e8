"""What SciCow's account may do in SciCat, tried out at start: create, read back, patch, remove."""

from collections.abc import Callable
from dataclasses import dataclass

from scicow.backend.traits import ATTEMPTS, PROBE, create_probe, probe_pid, remove_probe
from scicow.errors import AlreadyThere, CatalogueRefused, NotAllowed, NotThere
from scicow.scicat.client import ScicatClient
from scicow.settings.catalogue import IngestSettings


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


def link_rights(scicat: ScicatClient, settings: IngestSettings) -> list[Right]:
    """Try the rights to make what datasets are linked to; without one each dataset concerned gets a mark.

    Nothing is made: SciCat looks at the right before it looks at the (empty) record. Raises CatalogueError.
    """
    return [
        Right(kind, _may_make(scicat, kind), needed, _LINKS[kind])
        for kind, needed in (
            ("proposals", settings.proposals),
            ("samples", settings.samples),
            ("instruments", False),  # only admins make them; one that is there is only looked up
        )
    ]


def _may_make(scicat: ScicatClient, kind: str) -> bool:
    try:
        scicat.session.request("POST", f"/api/v3/{kind}", {})
    except NotAllowed:
        return False
    except CatalogueRefused:  # as it is empty
        return True
    return True


_LINKS = {
    "proposals": (
        "SciCow's account may not make proposals, so each dataset gets a mark: add one of its groups to "
        "SciCat's PROPOSAL_GROUPS, or set ingest.proposals: false"
    ),
    "samples": (
        "SciCow's account may not make samples, so each dataset with a new one gets a mark: add one of its "
        "groups to SciCat's SAMPLE_GROUPS, or set ingest.samples: false"
    ),
    "instruments": "SciCow's account may not make instruments: an administrator makes those that are missing",
}


def _checked(scicat: ScicatClient, settings: IngestSettings) -> list[Right]:
    pid, group = probe_pid(settings), settings.rights_group
    rights = [_tried("create", lambda: create_probe(scicat, settings), _creating(group, pid))]
    if rights[0].ok:
        rights += [
            _tried("read back", lambda: _read(scicat, pid), _OWN.format(what="read back", group=group)),
            _tried("patch", lambda: _patch(scicat, pid), _OWN.format(what="change", group=group)),
        ]
        rights.append(_tried("remove", lambda: remove_probe(scicat, settings), _REMOVE, needed=False))
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


def _read(scicat: ScicatClient, pid: str) -> None:
    if scicat.dataset(pid) is None:
        raise NotThere(f"the probe dataset {pid} has gone", 404)


def _patch(scicat: ScicatClient, pid: str) -> None:
    scicat.patch_dataset(pid, {"comment": "patched"})
