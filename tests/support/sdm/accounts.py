"""Real accounts of a beamline, which tests make and remove: control system, team member, stranger."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple


class BeamlineAccounts(NamedTuple):
    """Names of accounts and of the proposal's group; only `member` is in it."""

    control: str
    member: str
    stranger: str
    group: str


@contextmanager
def beamline_accounts() -> Iterator[BeamlineAccounts]:
    """Make the accounts, as root, and remove them again."""
    own = f"sz{os.getpid()}"
    names = BeamlineAccounts(f"{own}control", f"{own}member", f"{own}stranger", f"{own}team")
    made: list[list[str]] = []
    try:
        _run("groupadd", names.group)
        made.append(["groupdel", names.group])
        for name in names[:3]:
            groups = ["--groups", names.group] if name == names.member else []
            _run("useradd", "--no-create-home", "--no-user-group", "--gid", "nogroup", *groups, name)
            made.append(["userdel", name])
        yield names
    finally:
        for command in reversed(made):
            _run(*command)


def as_account(name: str, work: Callable[[], None]) -> int:
    """Do some work in a process of that account; return how it ended: 0, or as `os.waitstatus_to_exitcode`.

    For programs of one thread only: the work runs in a fork.
    """
    child = os.fork()
    if child == 0:
        try:
            become(name)
            work()
        except BaseException as error:  # noqa: BLE001 - the child ends here, whatever it was
            os.write(2, f"{name}: {error!r}\n".encode())
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def become(name: str) -> None:
    """Become that account, with its groups, for good."""
    import pwd

    account = pwd.getpwnam(name)
    os.initgroups(name, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
