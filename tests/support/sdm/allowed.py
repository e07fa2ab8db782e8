"""What accounts of a beamline can do in a visit's folders, tried as these accounts."""

import json
import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import cast

from support.sdm.accounts import BeamlineAccounts, become

SHARED = ("process", "macros", "logs", "notebooks", "photos")
Acts = dict[str, Callable[[], object]]


def wrong(accounts: BeamlineAccounts, raw: Path, *, acls: bool) -> list[str]:
    """Return what an account can do and should not, or cannot and should; nothing: all is right."""
    (raw / "scan.h5").unlink(missing_ok=True)
    shared = [raw.parent / name for name in SHARED]
    told = [
        *_tried(accounts.control, _controls(raw, shared, acls), {}),
        *_tried(accounts.member, _members(raw, shared, acls), _not_members(raw)),
        *_tried(accounts.stranger, {}, _not_strangers(raw)),
    ]
    for file in (one / name for one in shared for name in ("control", "member")):
        file.unlink(missing_ok=True)
    return told


def _controls(raw: Path, shared: Iterable[Path], acls: bool) -> Acts:
    """Write everywhere with a careful umask; without ACLs it decides who may read."""
    umask = 0o077 if acls else 0o027
    acts = {f"write {one.name}": partial(_write, one / "control", umask) for one in shared}
    return {"write raw": partial(_write, raw / "scan.h5", umask), **acts}


def _members(raw: Path, shared: Iterable[Path], acls: bool) -> Acts:
    acts: Acts = {"list raw": partial(_list, raw), "read raw": (raw / "scan.h5").read_bytes}
    for one in shared:
        acts[f"write {one.name}"] = partial(_write, one / "member", 0o077)
        acts[f"read the control system's file in {one.name}"] = (one / "control").read_bytes
        if acls:
            acts[f"change the control system's file in {one.name}"] = partial(_append, one / "control")
    return acts


def _not_members(raw: Path) -> Acts:
    return {
        "write raw": (raw / "mine").touch,
        "change a raw file": partial(_append, raw / "scan.h5"),
        "remove a raw file": (raw / "scan.h5").unlink,
        "write into the visit": (raw.parent / "mine").touch,
        "open the gate": partial(raw.parents[1].chmod, 0o777),
    }


def _not_strangers(raw: Path) -> Acts:
    acts: Acts = {
        "list the proposal": partial(_list, raw.parents[1]),
        "enter the proposal": raw.parent.stat,
        "read raw": (raw / "scan.h5").read_bytes,
        "write process": (raw.parent / "process" / "b").touch,
    }
    return {**acts, "list proposals": partial(_list, raw.parents[2])} if "proprietary" in raw.parts else acts


def _tried(account: str, can: Acts, cannot: Acts) -> list[str]:
    """Try everything in one process of that account."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            become(account)
            told = [f"{account} cannot {what}" for what, act in can.items() if not _done(act)]
            told += [f"{account} can {what}" for what, act in cannot.items() if _done(act)]
        except BaseException as error:  # noqa: BLE001 - the child ends here, whatever it was
            told = [f"{account}: {error!r}"]
        os.write(writing, json.dumps(told).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        told = cast("list[str]", json.loads(answer.read()))
    os.waitpid(child, 0)
    return told


def _done(act: Callable[[], object]) -> bool:
    try:
        act()
    except PermissionError:
        return False
    return True


def _write(path: Path, umask: int) -> None:
    os.umask(umask)
    path.write_bytes(b"data")


def _append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def _list(path: Path) -> list[Path]:
    return list(path.iterdir())
