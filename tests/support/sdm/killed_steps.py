"""A program: make a visit, killed at every step, complete it, and let real accounts try what they can do.

What they can do follows from the folders' rights, so they try each outcome once. A folder that a kill leaves
open to others must be finished: nobody gets in before its last bit is set.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sdm import SdmSettings, Storage
from support.sdm.accounts import BeamlineAccounts
from support.sdm.allowed import wrong

Rights = tuple[object, ...]
ACLS = ("system.posix_acl_access", "system.posix_acl_default")
STEPS = ("mkdir", "open", "fchown", "fchmod", "setxattr", "removexattr")


def main() -> None:
    """Print as JSON how many kills there were, and what was wrong after which."""
    accounts, root, settings = (json.loads(one) for one in sys.argv[1:4])
    storage = Storage("proprietary", "demo", SdmSettings.model_validate({"storage": settings}))
    people = BeamlineAccounts(*accounts)
    told: dict[str, list[str]] = {}
    tried: dict[str, list[str]] = {}
    for kill in range(1, 100_000):
        killed = _make_killed(storage, people.group, kill)
        left = _open_folders(Path(root))
        raw = storage.make_visit("20260001", people.group, "2026030108")
        sample = storage.make_sample(raw.path, people.group, "a/b")
        found = [*raw.warnings, *sample.warnings]
        found += storage.verify_visit("20260001", people.group, "2026030108", "a/b")
        done = _open_folders(Path(root))
        found += [f"{path} was open before it was finished" for path in left if left[path] != done[path]]
        outcome = repr(done)
        if outcome not in tried:
            tried[outcome] = wrong(people, raw.path, acls=settings["acl"] != "off")
        found += tried[outcome]
        if found:
            told[f"kill {kill}"] = found
        if not killed:
            break
        shutil.rmtree(Path(root) / "proprietary")
    print(json.dumps({"kills": kill - 1, "outcomes": len(tried), "wrong": told}))  # noqa: T201 - the answer


def _open_folders(root: Path) -> dict[str, Rights]:
    """Return the rights of each folder that is not only its owner's."""
    found = {str(one): one.stat() for one in root.rglob("*") if one.is_dir()}
    return {
        path: (oct(one.st_mode), one.st_uid, one.st_gid, *(_acl(path, kind) for kind in ACLS))
        for path, one in sorted(found.items())
        if one.st_mode & 0o077
    }


def _acl(path: str, kind: str) -> str:
    return os.getxattr(path, kind).hex() if kind in os.listxattr(path) else ""


def _make_killed(storage: Storage, group: str, kill: int) -> bool:
    """Make the visit in a child that is killed at its step number `kill`; tell whether it came so far."""
    child = os.fork()
    if child == 0:
        steps = iter(range(1, kill + 1))
        for name in STEPS:
            setattr(os, name, _killing(getattr(os, name), steps, kill))
        made = storage.make_visit("20260001", group, "2026030108")
        storage.make_sample(made.path, group, "a/b")
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def _killing(function: Callable[..., Any], steps: Any, kill: int) -> Callable[..., Any]:
    def killing(*arguments: Any, **named: Any) -> Any:
        result = function(*arguments, **named)
        if next(steps) == kill:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return killing


if __name__ == "__main__":
    main()
