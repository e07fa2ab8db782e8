"""Who may do what in a directory: owner, group, mode and default ACL, applied or refused with a reason."""

import grp
import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Literal, NamedTuple

from sdm.errors import StorageError
from sdm.settings import StorageSettings

SETFACL_TIMEOUT = 10.0
KEEP = -1  # os.chown leaves it alone


class Rights(NamedTuple):
    """The rights of one visit's directories; ids of -1 are left alone."""

    uid: int
    gid: int
    group: str
    shared: int
    acl: Literal["auto", "required", "off"]

    @property
    def readonly(self) -> int:
        """The mode of raw: as the users' directories, without the group's and others' right to write."""
        return self.shared & ~(stat.S_IWGRP | stat.S_IWOTH)


def rights_for(settings: StorageSettings, group: str | None) -> Rights:
    """Resolve the names of owner and group on this host. Raises StorageError."""
    uid = _uid(settings.owner) if settings.owner else KEEP
    if not (settings.apply_group and group):
        return Rights(uid, KEEP, "", settings.mode, "off")
    return Rights(uid, _gid(group), group, settings.mode, settings.acl)


def apply(path: Path, rights: Rights, mode: int) -> tuple[str, ...]:
    """Give the directory its owner, group, mode and ACL; return what is not as wanted but can be lived with.

    Raises StorageError when owner, group or mode cannot be set.
    """
    try:
        os.chown(path, rights.uid, rights.gid)
        path.chmod(mode)
    except OSError as error:
        raise StorageError(
            f"{path}: owner, group {rights.group!r} or mode {mode:o} cannot be set ({error.strerror}); "
            "run as a member of the group that may do so, or set storage.apply_group and storage.owner"
        ) from error
    differs = differences(path, rights, mode)
    if differs:
        raise StorageError(f"{differs[0]}; this account must be a member of group {rights.group!r}")
    return _apply_acl(path, rights, mode)


def differences(path: Path, rights: Rights, mode: int) -> tuple[str, ...]:
    """Return in words how an existing directory differs from what it should be."""
    found = path.stat()
    problems = []
    if stat.S_IMODE(found.st_mode) != mode:
        problems.append(f"{path}: mode is {stat.S_IMODE(found.st_mode):o}, not {mode:o}")
    if rights.gid not in (KEEP, found.st_gid):
        problems.append(f"{path}: belongs to group {_group_name(found.st_gid)}, not {rights.group}")
    if rights.uid not in (KEEP, found.st_uid):
        problems.append(f"{path}: belongs to uid {found.st_uid}, not {rights.uid}")
    return tuple(problems)


def _apply_acl(path: Path, rights: Rights, mode: int) -> tuple[str, ...]:
    if rights.acl == "off":
        return ()
    problem = _setfacl(path, _acl_entries(rights.group, writes=bool(mode & stat.S_IWGRP)))
    if problem and rights.acl == "required":
        raise StorageError(f"{path}: {problem}; mount with ACLs or set storage.acl to auto")
    return (f"{path}: {problem}; set storage.acl to off if that is meant",) if problem else ()


def _acl_entries(group: str, *, writes: bool) -> str:
    """Default entries: what is made inside later is the group's too, whatever its maker's umask."""
    allowed = "rwx" if writes else "r-x"
    return f"u::rwx,g::{allowed},g:{group}:{allowed},m::{allowed},o::---"


def _setfacl(path: Path, entries: str) -> str:
    """Run setfacl; return what went wrong, or nothing."""
    program = shutil.which("setfacl")
    if program is None:
        return "default ACL not set, setfacl is not installed (package acl)"
    command = [program, "-d", "-m", entries, "--", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SETFACL_TIMEOUT)  # noqa: S603 - names are checked
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"default ACL not set ({error})"
    if done.returncode:
        return f"default ACL not set ({done.stderr.strip() or f'setfacl ended with {done.returncode}'})"
    return ""


def _uid(owner: str) -> int:
    try:
        return pwd.getpwnam(owner).pw_uid
    except KeyError:
        raise StorageError(f"account {owner!r} is not known on this host; correct storage.owner") from None


def _gid(group: str) -> int:
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise StorageError(
            f"group {group!r} is not known on this host; create it (or wait for the directory service), or "
            "set storage.apply_group to false"
        ) from None


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
