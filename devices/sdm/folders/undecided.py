"""Proposals whose type is not known, since no user office is set: they may be proprietary.

A client takes the failed answer for a "no" and goes on with the visitors' folder; `Storage` looks here first.
"""

from pathlib import Path

_asked: set[tuple[Path, str]] = set()  # of this process, by the data root


def remember(root: Path, proposal: str) -> None:
    """Remember that somebody who writes below `root` asked for a proposal's type in vain."""
    _asked.add((root, proposal))


def is_undecided(root: Path, proposal: str) -> bool:
    """Tell whether a proposal's type was asked for in vain."""
    return (root, proposal) in _asked
