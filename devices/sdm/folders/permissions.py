"""Sets a folder's rights by its handle, step by step, and reads them back."""

import errno
import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from sdm.errors import StorageError
from sdm.folders.accounts import account_name, group_name
from sdm.folders.acl import (
    ACCESS,
    DEFAULT,
    NO_ACLS,
    Acl,
    AclEntry,
    Tag,
    acl_of,
    read_acl,
    remove_default_acl,
    write_acl,
)
from sdm.folders.rights import KEEP, SPECIAL, FolderRights, FolderState, differences

NOT_ALLOWED = frozenset({errno.EPERM, errno.EACCES, errno.EINVAL})  # EINVAL: an id outside a user namespace


class Given(NamedTuple):
    """Whether the folder belongs to owner and group as wanted; what does not, an ACL has to do."""

    owner: bool
    group: bool


def look(handle: int) -> FolderState:
    """Return what a folder's rights are. Raises OSError."""
    found = os.fstat(handle)
    state = FolderState(found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode))
    try:
        return state._replace(access=read_acl(handle, ACCESS), default=read_acl(handle, DEFAULT))
    except OSError as error:
        if error.errno not in NO_ACLS:
            raise
        return state._replace(has_acls=False)


def apply(handle: int, where: str, wanted: FolderRights, *, closed: bool) -> tuple[str, ...]:
    """Give a folder its rights; return in words what this account or this file system cannot do.

    `closed`: the folder is new and its owner's alone, and stays so until the last step, which opens it: a
    killed process leaves it closed. Raises StorageError when the rights are not what is wanted afterwards.
    """
    try:
        given = _give_away(handle, wanted)
        undone = tuple(_not_given(given, wanted))
        found = look(handle)
        uses_acls = wanted.acl != "off" and found.has_acls and _set_acls(handle, found, given, wanted, closed)
        if not uses_acls:
            if wanted.acl == "required":
                raise StorageError(f"{where}: {NO_ACL_HERE}; mount with ACLs or set storage.acl to auto")
            if undone:
                raise StorageError(f"{where}: {'; '.join(undone)}, and no ACL can do it; {_ADVICE}")
            os.fchmod(handle, wanted.mode)
        after = look(handle)
    except OSError as error:
        raise StorageError(f"{where}: its rights cannot be set ({error.strerror}); {_ADVICE}") from error
    has_acls = uses_acls or (wanted.acl == "off" and after.has_acls)
    wrong = differences(after._replace(has_acls=has_acls), wanted, os.geteuid())
    inherited = wanted.acl == "off" and after.access is not None  # the site's own ACLs
    if wrong and not inherited:
        raise StorageError(f"{where}: {'; '.join(wrong)}, although it was set; {_ADVICE}")
    return (*undone, *wrong)


NO_ACL_HERE = "this file system has no ACLs"
_ADVICE = (
    "run as root or as a member of the group, or set storage.apply_group and storage.owner to what this "
    "account may give"
)


def _give_away(handle: int, wanted: FolderRights) -> Given:
    """Give the folder to its group and owner where this account may."""
    return Given(owner=_chown(handle, wanted.uid, KEEP), group=_chown(handle, KEEP, wanted.gid))


def _chown(handle: int, uid: int, gid: int) -> bool:
    found = os.fstat(handle)
    if uid in (KEEP, found.st_uid) and gid in (KEEP, found.st_gid):
        return True
    try:
        os.fchown(handle, uid, gid)
    except OSError as error:
        if error.errno not in NOT_ALLOWED:
            raise
        return False
    return True


def _not_given(given: Given, wanted: FolderRights) -> Iterator[str]:
    if not given.group:
        yield f"this account may not give it to group {group_name(wanted.gid)}"
    if not given.owner:
        yield f"this account may not give it to account {account_name(wanted.uid)}"


def _set_acls(handle: int, found: FolderState, given: Given, wanted: FolderRights, closed: bool) -> bool:
    """Set default and access ACL; return False where the file system takes none."""
    try:
        if wanted.default is None:
            remove_default_acl(handle)
        else:
            write_acl(handle, DEFAULT, _with_missing(wanted.default, given, wanted))
        _set_access(handle, found, given, wanted, closed)
    except OSError as error:
        if error.errno not in NO_ACLS:
            raise
        return False
    return True


def _set_access(handle: int, found: FolderState, given: Given, wanted: FolderRights, closed: bool) -> None:
    """Open the folder by one last step: the ACL, which sets the mode with it, or the mode."""
    acl = _with_missing(acl_of(wanted.mode, wanted.named), given, wanted)
    mask = next((one.perms for one in acl if one.tag is Tag.MASK), None)
    if mask is None:
        if found.access is not None:  # inherited from the folder above: chmod would only move its mask
            write_acl(handle, ACCESS, acl_of(0o700 if closed else wanted.mode))
        os.fchmod(handle, wanted.mode)
        return
    if closed:
        os.fchmod(handle, wanted.mode & SPECIAL | 0o700)
    write_acl(handle, ACCESS, acl)
    if not closed:
        os.fchmod(handle, wanted.mode & (SPECIAL | 0o707) | mask << 3)


def _with_missing(acl: Acl, given: Given, wanted: FolderRights) -> Acl:
    """Name owner and group in the ACL where the folder could not be given to them."""
    perms = {one.tag: one.perms for one in acl}
    named = [one for one in acl if one.tag in (Tag.USER, Tag.GROUP)]
    group = wanted.mode >> 3 & 7
    if not given.group:
        named.append(AclEntry(Tag.GROUP, group, wanted.gid))
    if not given.owner:
        named.append(AclEntry(Tag.USER, 7, wanted.uid))
    own = 0 if not given.group else perms[Tag.OWNING_GROUP]
    return acl_of(perms[Tag.OWNER] << 6 | own << 3 | perms[Tag.OTHERS], named)
