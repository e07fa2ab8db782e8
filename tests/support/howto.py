"""The how-to pages, carried out: a page's blocks are put into a copy of the tree, where its tests are run.

A block that begins with `# path` is a new file of that name. One that begins with `--- a/path` changes that
file: the old lines of each hunk must stand in it exactly once. The page's tests are those that its block of
shell runs: `.venv/bin/pytest …`.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from support.wheel import ROOT, tree_files

ROOTS = ("devices", "recorders", "consumer", "config", "tests")
NEEDED = (*(f"{root}/" for root in ROOTS), "pyproject.toml", "setup.cfg", "README.md", "docs/")
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NEW = re.compile(r"# (\S+\/\S+|setup\.cfg|pyproject\.toml)\n")
_CHANGED = re.compile(r"--- a/(\S+)\n\+\+\+ b/\1\n")


_PYTEST = re.compile(r"^\.venv/bin/pytest (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of a page: the file that it makes, or that it changes."""

    language: str
    path: str
    text: str


class HowtoError(Exception):
    """A page says what cannot be done with this tree."""


def blocks(page: Path) -> list[Block]:
    """Return the blocks that say which file they are; those of a shell are for people."""
    found = []
    for language, text in _FENCE.findall(page.read_text(encoding="utf-8")):
        if language in ("sh", "text"):
            continue
        head = _CHANGED.match(text) if language == "diff" else _NEW.match(text)
        if head is None:
            raise HowtoError(
                f"{page.name}: a block of {language} does not begin with its file: {text[:40]!r}"
            )
        found.append(Block(language, head[1], text[head.end() :] if language == "diff" else text))
    return found


def named_tests(page: Path) -> list[str]:
    """Return the test files that the page says to run."""
    return [name for line in _PYTEST.findall(page.read_text(encoding="utf-8")) for name in line.split()]


def changed(text: str, diff: str, path: str) -> str:
    """Return a file's text with the hunks of `diff` in it."""
    for hunk in re.split(r"^@@.*\n", diff, flags=re.MULTILINE):
        if not hunk.strip():
            continue
        lines = hunk.splitlines(keepends=True)
        old = "".join(line[1:] or "\n" for line in lines if not line.startswith("+"))
        new = "".join(line[1:] or "\n" for line in lines if not line.startswith("-"))
        if text.count(old) != 1:
            raise HowtoError(
                f"{path} has these lines {text.count(old)} times, not once; correct the page:\n{old}"
            )
        text = text.replace(old, new)
    return text


def carry_out(page: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Do in a copy of the tree what a page says, and run its tests there."""
    tree = folder / "tree"
    for name in tree_files():
        if name.startswith(NEEDED):
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree / name)
    packages = []
    for block in blocks(page):
        path = tree / block.path
        if block.language == "diff":
            path.write_text(
                changed(path.read_text(encoding="utf-8"), block.text, block.path), encoding="utf-8"
            )
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
        if path.name == "pyproject.toml":
            packages.append(path.parent)
    installed = [_install(package, folder / "installed") for package in packages]
    places = [*installed, *(tree / root for root in ROOTS)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places)), "PYTHONDONTWRITEBYTECODE": "1"}
    own = ["-p", "no:cacheprovider", "--basetemp", str(folder / "pytest")]
    run = [sys.executable, "-m", "pytest", "-q", *own, *named_tests(page)]
    return subprocess.run(run, cwd=tree, env=env, capture_output=True, text=True, timeout=240)


def _install(package: Path, target: Path) -> Path:
    options = ["--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation"]
    pip = [sys.executable, "-m", "pip", "install", *options, "--target", str(target), str(package)]
    done = subprocess.run(pip, capture_output=True, text=True, timeout=240)
    if done.returncode:
        raise HowtoError(f"{package.name} cannot be installed: {done.stderr[-2000:]}")
    return target
