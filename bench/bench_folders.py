"""The folders of visits: while other accounts swap them for links, with hostile names, and their times.

    python bench/bench_folders.py [--paths 10000] [--names 10000] [--quick]

As root: it makes accounts, of which one owns the folders and one is in the team, and removes them again.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from sdm import NameRefused, SdmSettings, Storage, StorageSettings

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from support.sdm.accounts import beamline_accounts
from support.sdm.swapping import Outside, flat, nested, visits

VISIT = 500  # names tried in one visit
ALLOWED = "abcXYZ019_+=,@. -"
HOSTILE = [
    "..",
    ".",
    "/",
    "//",
    "\\",
    ":",
    "\0",
    "\n",
    "\t",
    "~",
    "$HOME",
    "`id`",
    ";",
    "|",
    "*",
    "?",
    '"',
    "'",
]
HOSTILE += [
    "CON",
    "nul",
    "COM1",
    "lpt9",
    "aux.txt",
    "é",
    "\u202e",
    "\ud800",
    "\uff0e",
    "\u2215",
    " ",
    ".",
    "-",
    "%2e%2e",
]
USUAL = ["wafer", "Wafer", "Si 111", "a", "A", "spot_2", "x.1", "raw", "process", "proprietary"]


def hostile_name(dice: random.Random) -> str:
    """Return a name of pieces that somebody may try."""
    kind = dice.random()
    if kind < 0.2:
        return "".join(chr(dice.randrange(0x2FFF)) for _ in range(dice.randrange(1, 12)))
    if kind < 0.4:
        return "".join(dice.choices(ALLOWED, k=dice.randrange(1, 140)))
    pieces = dice.choices([*HOSTILE, *USUAL], k=dice.randrange(1, 5))
    return ("/" if dice.random() < 0.3 else "").join(pieces)


def tried_names(storage: Storage, count: int) -> tuple[int, int, list[str]]:
    """Try hostile names as samples; return how many were refused and made, and those that were neither."""
    dice = random.Random(20261130)
    refused = made = 0
    wrong: list[str] = []
    for number in range(count):
        if number % VISIT == 0:
            raw = storage.make_visit("20260003", None, f"202602{number // VISIT % 28 + 1:02}").path
            inside = everything(raw.parent)
            outside = everything(raw.parents[4]) - everything(raw.parents[1])
        name = hostile_name(dice)
        new: set[Path] = set()
        try:
            path = storage.make_sample(raw, None, name).path
            new = {one for one in (path, *path.parents) if raw in one.parents}
            made += 1
        except NameRefused:
            refused += 1
        now = everything(raw.parent)
        if now != inside | new or (new and str(path) != f"{raw}/{name}"):
            wrong.append(repr(name))
        inside = now
        last = number % VISIT == VISIT - 1 or number == count - 1
        if last and everything(raw.parents[4]) - everything(raw.parents[1]) != outside:
            wrong.append(f"something outside the proposal after {name!r}")
    return refused, made, wrong


def everything(folder: Path) -> set[Path]:
    """Return all that is below a folder, as the directory has it."""
    return set(folder.rglob("*"))


def times(storage: Storage, group: str, count: int) -> tuple[list[float], list[float]]:
    """Return the seconds that a new visit takes, and one that is there."""
    new: list[float] = []
    again: list[float] = []
    for number in range(count):
        visit = f"{2027 + number // 336}{number // 28 % 12 + 1:02}{number % 28 + 1:02}"
        for seconds in (new, again):
            begin = time.perf_counter()
            storage.make_visit("20260004", group, visit)
            seconds.append(time.perf_counter() - begin)
    return new, again


def main() -> None:
    """Print the figures; exit with 1 when something escaped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--paths", type=int, default=10_000, help="paths of each kind")
    parser.add_argument("--names", type=int, default=10_000, help="hostile names")
    parser.add_argument("--quick", action="store_true", help="a twentieth of it")
    given = parser.parse_args()
    paths, names = (one // 20 if given.quick else one for one in (given.paths, given.names))
    escaped = 0
    with tempfile.TemporaryDirectory(prefix="bench-folders-") as folder, beamline_accounts() as accounts:
        Path(folder).chmod(0o755)
        root = Path(folder) / "data"
        root.mkdir()
        outside = Outside(Path(folder) / "outside")
        print("| who swaps | what | paths | escapes | tries refused |\n|---|---|---|---|---|")
        for account in (accounts.control, accounts.member):
            for way in (flat, nested, visits):
                settings = StorageSettings(root=root / f"{way.__name__}{account}", owner=accounts.control)
                settings.root.mkdir()
                storage = Storage("visitors", "demo", SdmSettings(storage=settings))
                escapes, refused = way(storage, accounts.group, account, outside, paths)
                escaped += escapes
                who = account.removeprefix(f"sz{os.getpid()}")
                print(f"| {who} | {way.__name__} | {paths:,} | {escapes} | {refused:,} |", flush=True)
        plain = StorageSettings(root=root / "names", apply_group=False)
        plain.root.mkdir()
        refused, made, wrong = tried_names(Storage("visitors", "demo", SdmSettings(storage=plain)), names)
        print("\n| hostile names | refused | made as written | neither |\n|---|---|---|---|")
        print(f"| {names:,} | {refused:,} | {made:,} | {len(wrong)} {' '.join(wrong[:5])} |")
        settings = StorageSettings(root=root, owner=accounts.control)
        new, again = times(Storage("staff", "demo", SdmSettings(storage=settings)), accounts.group, 200)
        print("\n| a visit of 6 folders, median | p99 |\n|---|---|")
        for word, seconds in (("new", new), ("there already", again)):
            p99 = statistics.quantiles(seconds, n=100)[98]
            print(f"| {word}: {statistics.median(seconds) * 1e3:.1f} ms | {p99 * 1e3:.1f} ms |")
    sys.exit(1 if escaped or wrong else 0)


if __name__ == "__main__":
    main()
