"""POSIX ACLs as the kernel keeps them, read and set by a folder's handle; no program is needed for it."""

import errno
import os
import struct
from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

ACCESS = "system.posix_acl_access"
DEFAULT = "system.posix_acl_default"
NO_ID = 0xFFFFFFFF
_VERSION = struct.pack("<I", 2)
_ENTRY = struct.Struct("<HHI")
_NONE = frozenset({errno.ENODATA})
NO_ACLS = frozenset({errno.EOPNOTSUPP, errno.ENOSYS})  # as NFS 4 and file systems mounted without answer


class Tag(IntEnum):
    """Whom an entry is for; the kernel wants them in this order."""

    OWNER = 0x01
    USER = 0x02
    OWNING_GROUP = 0x04
    GROUP = 0x08
    MASK = 0x10
    OTHERS = 0x20


class AclEntry(NamedTuple):
    """Who may do what; `perms` as in a mode (4 read, 2 write, 1 enter), `id` of a named user or group."""

    tag: Tag
    perms: int
    id: int = NO_ID


Acl = tuple[AclEntry, ...]


def acl_of(mode: int, named: Iterable[AclEntry] = ()) -> Acl:
    """Return the ACL that a mode means, with named users and groups beside it."""
    merged: dict[tuple[Tag, int], int] = {}
    for tag, perms, number in named:
        merged[tag, number] = merged.get((tag, number), 0) | perms
    entries = [
        AclEntry(Tag.OWNER, mode >> 6 & 7),
        AclEntry(Tag.OWNING_GROUP, mode >> 3 & 7),
        AclEntry(Tag.OTHERS, mode & 7),
        *(AclEntry(tag, perms, number) for (tag, number), perms in merged.items()),
    ]
    if merged:
        entries.append(AclEntry(Tag.MASK, (mode >> 3 & 7) | _union(merged.values())))
    return tuple(sorted(entries, key=lambda one: (one.tag, one.id)))


def read_acl(handle: int, kind: str) -> Acl | None:
    """Return the folder's ACL of that kind; None: it has none. Raises OSError, of `NO_ACLS` without ACLs."""
    try:
        content = _get(handle, kind)
    except OSError as error:
        if error.errno in _NONE:
            return None
        raise
    return tuple(AclEntry(Tag(tag), perms, number) for tag, perms, number in _ENTRY.iter_unpack(content[4:]))


def write_acl(handle: int, kind: str, acl: Acl) -> None:
    """Set the folder's ACL of that kind as a whole; an access ACL sets the mode with it, in one step."""
    os.setxattr(handle, kind, _VERSION + b"".join(_ENTRY.pack(*entry) for entry in acl))


def remove_default_acl(handle: int) -> None:
    """Take the default ACL away, if there is one."""
    try:
        os.removexattr(handle, DEFAULT)
    except OSError as error:
        if error.errno not in _NONE | NO_ACLS:
            raise


def without_mask(acl: Acl) -> Acl:
    """Return the entries as they count: those that the mask limits limited, the mask itself left out."""
    mask = next((one.perms for one in acl if one.tag is Tag.MASK), 7)
    limited = (Tag.USER, Tag.OWNING_GROUP, Tag.GROUP)
    return tuple(
        one._replace(perms=one.perms & mask) if one.tag in limited else one
        for one in acl
        if one.tag is not Tag.MASK
    )


def _get(handle: int, kind: str) -> bytes:
    try:
        return os.getxattr(handle, kind)
    except OSError as error:
        if error.errno != errno.EBADF:
            raise
        return os.getxattr(f"/proc/self/fd/{handle}", kind)  # a handle of O_PATH


def _union(perms: Iterable[int]) -> int:
    union = 0
    for one in perms:
        union |= one
    return union
