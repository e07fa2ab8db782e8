"""The folders of a visit with the rights of each kind, as the settings describe them."""

import stat
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scifish.contract.proprietary import PROPRIETARY
from sdm.folders.accounts import account_name, gid_of, group_name, uid_of
from sdm.folders.acl import Acl, AclEntry, Tag, acl_of
from sdm.folders.paths import RAW, PathTemplate, VisitName, sample_parts
from sdm.folders.rights import KEEP, FolderRights, perms_text
from sdm.folders.settings import FolderSettings, StorageSettings

PARENT, PROPOSAL, VISIT, SAMPLE = "parent", "proposal", "visit", "sample"


class Folder(NamedTuple):
    """A folder below the root: its path in parts, its kind (a sub-folder's is its name), and its rights.

    Of a `parent` only what everybody may do there is looked after.
    """

    parts: tuple[str, ...]
    kind: str
    rights: FolderRights


class Team(NamedTuple):
    """Whose folders they are, as numbers of this host; KEEP where they are left alone."""

    uid: int
    gid: int
    group: str

    @classmethod
    def of(cls, settings: StorageSettings, group: str | None) -> "Team":
        """Look owner and group up on this host. Raises StorageError."""
        uid = uid_of(settings.owner) if settings.owner else KEEP
        if not (settings.apply_group and group):
            return cls(uid, KEEP, "")
        return cls(uid, gid_of(group), group)


def folders_of(
    settings: StorageSettings, name: VisitName, group: str | None, sample: str = ""
) -> tuple[Folder, ...]:
    """Return a visit's folders, those above first, and the sample's. Raises NameRefused, StorageError."""
    template = PathTemplate(settings.template)
    place = template.visit_parts(name)
    team = Team.of(settings, group)
    return (
        *_above(settings, place, template.gate, name.category),
        *_inside(settings, place, template.gate, team),
        *_samples(settings, (*place, RAW), team, sample),
    )


def sample_folders(
    settings: StorageSettings, raw: tuple[str, ...], group: str | None, sample: str
) -> tuple[Folder, ...]:
    """Return the folders of a sample in `raw`. Raises NameRefused, StorageError."""
    return tuple(_samples(settings, raw, Team.of(settings, group), sample))


def described(folder: Folder) -> str:
    """Return a folder's rights in words."""
    rights = folder.rights
    words = [f"{folder.kind} folder: mode {rights.mode:o}"]
    words += [f"owner {account_name(rights.uid)}"] if rights.uid != KEEP else []
    words += [f"group {group_name(rights.gid)}"] if rights.gid != KEEP else []
    words += [f"ACL {acl_text(rights.named)}"] if rights.named else []
    words += [f"default ACL {acl_text(rights.default)}"] if rights.default else []
    return ", ".join(words)


def acl_text(acl: Acl) -> str:
    """Return an ACL as `setfacl` writes it."""
    return ",".join(_entry_text(one) for one in acl)


def _above(settings: StorageSettings, place: tuple[str, ...], gate: int, category: str) -> Iterator[Folder]:
    for depth in range(1, gate + 1):
        closed = category == PROPRIETARY and PROPRIETARY in place[: depth - 1]
        mode = settings.parents.proprietary if closed else settings.parents.mode
        yield Folder(place[:depth], PARENT, FolderRights(KEEP, KEEP, mode))


def _inside(settings: StorageSettings, place: tuple[str, ...], gate: int, team: Team) -> Iterator[Folder]:
    closed = settings.readonly & ~stat.S_IRWXO
    yield Folder(place[: gate + 1], PROPOSAL, _rights(settings, settings.proposal, closed, team))
    for depth in range(gate + 2, len(place) + 1):
        yield Folder(place[:depth], VISIT, _rights(settings, settings.visit, settings.readonly, team))
    for name, folder in settings.folders.items():
        mode = settings.readonly if name == RAW else settings.mode
        yield Folder((*place, name), name, _rights(settings, folder, mode, team, written=True))


def _samples(settings: StorageSettings, raw: tuple[str, ...], team: Team, sample: str) -> Iterator[Folder]:
    parts = sample_parts(sample)
    rights = _rights(settings, settings.folders[RAW], settings.readonly, team, written=True)
    for depth in range(1, len(parts) + 1):
        yield Folder((*raw, *parts[:depth]), SAMPLE, rights)


def _rights(
    settings: StorageSettings, folder: FolderSettings, mode: int, team: Team, *, written: bool = False
) -> FolderRights:
    mode = mode if folder.mode is None else folder.mode
    named = tuple(_entries(folder.acl, team))
    if folder.default_acl is not None:
        inside = tuple(_entries(folder.default_acl, team))
        default = acl_of(mode, inside) if inside else None
    elif written and (team.group or named):
        own = [AclEntry(Tag.GROUP, mode >> 3 & 7, team.gid)] if team.group else []
        default = acl_of(mode, (*own, *named))
    else:
        default = None
    use = settings.acl if team.group or named or default else "off"
    return FolderRights(team.uid, team.gid, mode, named, default, use)


def _entries(texts: Iterable[str], team: Team) -> Iterator[AclEntry]:
    for text in texts:
        kind, name, perms = text.split(":")
        number = sum(bit for one, bit in zip(perms, (4, 2, 1), strict=True) if one != "-")
        if name == "{group}":
            if team.group:
                yield AclEntry(Tag.GROUP, number, team.gid)
        elif kind.startswith("u"):
            yield AclEntry(Tag.USER, number, uid_of(name, f"the ACL entry {text!r}"))
        else:
            yield AclEntry(Tag.GROUP, number, gid_of(name))


def _entry_text(entry: AclEntry) -> str:
    names = {
        Tag.OWNER: "u:",
        Tag.USER: f"u:{account_name(entry.id)}",
        Tag.OWNING_GROUP: "g:",
        Tag.GROUP: f"g:{group_name(entry.id)}",
        Tag.MASK: "m:",
        Tag.OTHERS: "o:",
    }
    return f"{names[entry.tag]}:{perms_text(entry.perms)}"
