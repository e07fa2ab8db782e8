"""Names and numbers of accounts and groups on this host."""

import grp
import pwd

from sdm.errors import StorageError


def uid_of(account: str, setting: str = "storage.owner") -> int:
    """Return an account's number. Raises StorageError, which names the setting."""
    try:
        return pwd.getpwnam(account).pw_uid
    except KeyError:
        raise StorageError(f"account {account!r} is not known on this host; correct {setting}") from None


def gid_of(group: str) -> int:
    """Return a group's number. Raises StorageError."""
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise StorageError(
            f"group {group!r} is not known on this host; create it (or wait for the directory service), or "
            "set storage.apply_group to false"
        ) from None


def account_name(uid: int) -> str:
    """Return an account's name, or its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    """Return a group's name, or its number where it has none."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
