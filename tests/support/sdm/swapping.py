"""A process of another account that swaps folders for links while they are made, and what came of it.

As a program, `python -m support.sdm.swapping ACCOUNTS FOLDER PATHS` (JSON each), it prints figures as JSON.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sdm import NameRefused, SdmSettings, Storage, StorageError, StorageSettings
from support.sdm.accounts import BeamlineAccounts, become

VISIT = 1000  # samples in one visit
FOLDERS = 7  # of a visit
VISITS = 10  # of a proposal
TRIES = 1000  # while a link is in the way


class Outside:
    """A folder outside the data root that nobody may touch."""

    def __init__(self, path: Path) -> None:
        path.mkdir(mode=0o700)
        (path / "inner").mkdir(mode=0o700)
        self.path = path
        self._before = self._look()

    def touched(self) -> bool:
        """Return whether it was touched since the last call, and put it in order again."""
        now = self._look()
        if now == self._before:
            return False
        for one in self.path.iterdir():
            if one.name != "inner":
                one.rmdir()
        for one in (self.path, self.path / "inner"):
            os.chown(one, 0, 0)
            one.chmod(0o700)
            for name in os.listxattr(one):
                os.removexattr(one, name)
        self._before = self._look()
        return True

    def _look(self) -> list[tuple[str, int, int, int, int]]:
        found = []
        for one in (self.path, *sorted(self.path.iterdir())):
            is_ = one.lstat()
            found.append((one.name, is_.st_mode, is_.st_uid, is_.st_gid, is_.st_ctime_ns))
        return found


@contextmanager
def attacker(account: str, attack: Callable[[], None]) -> Iterator[None]:
    """Let a process of that account attack, again and again, until the block ends."""
    child = os.fork()
    if child == 0:
        become(account)
        while True:
            attack()
    try:
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def chase_visits(proposal: Path, outside: Path) -> Callable[[], None]:
    """Move the folders of each new visit away, and put links in their places."""
    count = iter(range(10**9))

    def attack() -> None:
        with suppress(OSError):
            for one in proposal.glob("*/[a-z]*"):
                if not one.is_symlink():
                    with suppress(OSError):
                        one.rename(one.with_name(f".{next(count)}"))
                        one.symlink_to(outside)

    return attack


def chase(raw: Path, outside: Path) -> Callable[[], None]:
    """Move each new folder in `raw` away and put a link in its place."""
    count = iter(range(10**9))

    def attack() -> None:
        with suppress(OSError):
            for one in raw.iterdir():
                if one.name.startswith("s") and not one.is_symlink():
                    with suppress(OSError):
                        one.rename(raw / f".{next(count)}")
                        one.symlink_to(outside)

    return attack


def flip(folder: Path, outside: Path) -> Callable[[], None]:
    """Change a folder for a link to the outside and back; what was made in its place meanwhile moves away."""
    count = iter(range(10**9))

    def attack() -> None:
        away = folder.with_name(f".{next(count)}")
        with suppress(OSError):
            _pause()
            folder.rename(away)
            folder.symlink_to(outside)
            _pause()
            folder.unlink()
            away.rename(folder)

    return attack


def _pause() -> None:
    """Wait as long as some steps of making take, now more and now less."""
    time.sleep(random.expovariate(2000))


def flat(storage: Storage, group: str, account: str, outside: Outside, paths: int) -> tuple[int, int]:
    """Make so many samples while they are swapped; return how often the outside was touched, and refusals."""
    escapes = refused = 0
    for visit in range(0, paths, VISIT):
        raw = storage.make_visit("20260001", group, _visit(visit)).path
        with attacker(account, chase(raw, outside.path)):
            for number in range(min(VISIT, paths - visit)):
                tried, touched = _tried(storage, raw, group, f"s{number}", outside, tries=1)
                escapes, refused = escapes + touched, refused + tried
    return escapes, refused


def nested(storage: Storage, group: str, account: str, outside: Outside, paths: int) -> tuple[int, int]:
    """The same with samples of two folders, of which the upper one is swapped all the time."""
    escapes = refused = 0
    for visit in range(0, paths, VISIT):
        raw = storage.make_visit("20260002", group, _visit(visit)).path
        storage.make_sample(raw, group, "a")
        with attacker(account, flip(raw / "a", outside.path)):
            for number in range(min(VISIT, paths - visit)):
                sample = "a/inner" if number % 2 else f"a/s{number}"
                tried, touched = _tried(storage, raw, group, sample, outside, tries=TRIES)
                escapes, refused = escapes + touched, refused + tried
    return escapes, refused


def visits(storage: Storage, group: str, account: str, outside: Outside, paths: int) -> tuple[int, int]:
    """The same with the folders of visits; so many folders."""
    escapes = refused = 0
    for number in range(0, paths, FOLDERS):
        proposal = f"2026{number // FOLDERS // VISITS:04}"
        visit = _visit(number // FOLDERS % VISITS * VISIT)
        raw = storage.raw_path(proposal, visit)
        if visit == _visit(0):
            storage.make_visit(proposal, group, "20251231")
        with attacker(account, chase_visits(raw.parents[1], outside.path)):
            try:
                storage.make_visit(proposal, group, visit)
            except (StorageError, NameRefused):
                refused += 1
        escapes += outside.touched()
    return escapes, refused


def _tried(
    storage: Storage, raw: Path, group: str, sample: str, outside: Outside, *, tries: int
) -> tuple[int, int]:
    """Try until the sample is made; return how often it was refused, and the outside touched."""
    touched = 0
    for refused in range(tries):
        try:
            storage.make_sample(raw, group, sample)
        except (StorageError, NameRefused):
            touched += outside.touched()
        else:
            return refused, touched + outside.touched()
    return tries, touched


def _visit(number: int) -> str:
    day, hour = divmod(number // VISIT, 24)
    return f"202601{day + 1:02}{hour:02}"


def main() -> None:
    """Let the control account swap, in each way."""
    accounts, folder, paths = (json.loads(one) for one in sys.argv[1:4])
    people = BeamlineAccounts(*accounts)
    outside = Outside(Path(folder) / "outside")
    answer = {}
    for way in (flat, nested, visits):
        settings = StorageSettings(root=Path(folder) / way.__name__, owner=people.control)
        settings.root.mkdir()
        storage = Storage("visitors", "demo", SdmSettings(storage=settings))
        answer[way.__name__] = way(storage, people.group, people.control, outside, paths)
    print(json.dumps(answer))  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
