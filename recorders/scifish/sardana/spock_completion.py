"""Completion in spock of proposals, samples, configurations and attributes: an extension of IPython.

Load it with ``%load_ext scifish.sardana.spock_completion``, or for ever in the profile's ipython_config.py.
"""

import os
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from scifish.beamline.beamline_device import BeamlineDevice
from scifish.errors import SciFishError
from scifish.runtime import runtime
from scifish.sardana.spock_search import attributes_from
from scifish.threads.deadline import answer_within

KEPT = 5.0  # seconds for which an answer is used again: Tab is typed twice
FOLDERS = 1.0  # seconds for the list of folders, which may be on a slow disk
FIRST = 0  # before spock's own, which knows Sardana's elements only
NONE = "-"


class _Answer(NamedTuple):
    until: float
    typed: str
    names: list[str]


class SpockCompletion:
    """Offers names for the first argument of a macro; nothing while the device does not answer.

    `names` returns those that may follow what is typed of it; IPython leaves out those that do not.
    """

    def __init__(self, names: Callable[[str], list[str]], kept: float = KEPT) -> None:
        self._kept = kept
        self._names = names
        self._answer = _Answer(0.0, "", [])

    def __call__(self, shell: Any, event: Any) -> list[str]:
        """Return what may stand there."""
        given = event.text_until_cursor.split()[1:]
        if len(given) > 1 or (given and event.text_until_cursor.endswith(" ")):
            return []
        typed = "".join(given)
        if time.monotonic() > self._answer.until or typed != self._answer.typed:
            self._answer = _Answer(time.monotonic() + self._kept, typed, self._asked(typed))
        return self._answer.names

    def _asked(self, typed: str) -> list[str]:
        try:
            return self._names(typed)
        except (SciFishError, TimeoutError, OSError):  # the macro itself says why
            return []


def available_proposals(_: str) -> list[str]:
    """Return the proposals that may be activated here now. Raises SciFishError."""
    (found,) = _pathfixer().read("AvailableProposals")
    return [*(found or ()), NONE]


def known_samples(_: str) -> list[str]:
    """Return the samples of the active visit: the folders that it has. Raises SciFishError, OSError."""
    (path,) = _pathfixer().read("Path")
    return [*(sorted(answer_within(FOLDERS, lambda: _folders(path), what=path)) if path else []), NONE]


def known_configurations(_: str) -> list[str]:
    """Return SciDog's configurations. Raises SciFishError."""
    (found,) = BeamlineDevice("SciDog", runtime().settings.scidog).read("Configurations")
    return [*(found or ()), NONE]


COMPLETIONS = {
    "scicat_add": attributes_from,
    "scicat_proposal": available_proposals,
    "scicat_sample": known_samples,
    "scicat_activate": known_configurations,
    "scicat_preview": known_configurations,
}


def load_ipython_extension(shell: Any) -> None:
    """Let IPython complete the macros' arguments."""
    for macro, names in COMPLETIONS.items():
        completion = SpockCompletion(names)
        for key in (macro, f"%{macro}"):
            shell.set_hook("complete_command", completion.__call__, priority=FIRST, str_key=key)


def _pathfixer() -> BeamlineDevice:
    return BeamlineDevice("PathFixer", runtime().settings.pathfixer)


def _folders(path: str) -> list[str]:
    with os.scandir(path) as found:
        return [one.name for one in found if one.is_dir(follow_symlinks=False)]
