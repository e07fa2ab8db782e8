# mypy: disable-error-code="attr-defined, untyped-decorator, no-untyped-call"
"""Macros for spock: what is recorded with the scans, and whether it arrives. Put this folder on MacroPath.

A macro that only shows something prints what is wrong. One that changes something raises it: a calling macro
must not go on to a scan with the old sample, proposal or configuration.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from sardana.macroserver.macro import Optional, Type, macro
from sardana.macroserver.msexception import InterruptException, MacroServerException

from scifish.errors import SciFishError
from scifish.sardana import spock, spock_search
from scifish.sardana import spock_items as spockitems
from scifish.tango_client.text import spoken

Lines = Callable[[], list[str]]
_log = logging.getLogger(__name__)


@macro()
def scicat_status(self: Any) -> None:
    """Show the state of the chain: recorder, proposal, path, configuration, outbox."""
    recorder = self.getEnv("DataRecorder") if "DataRecorder" in self.getAllEnv() else ()
    _show(self, lambda: spock.status(recorder, _scan_dir(self)))


@macro()
def scicat_configurations(self: Any) -> None:
    """List the configurations of SciDog; the active one has a star. Its rules, and what they choose here."""
    _show(self, lambda: spockitems.configurations(_measurement_group(self)))


@macro([["configuration", Type.String, None, "name, or name@revision; - for none"]])
def scicat_activate(self: Any, configuration: str) -> None:
    """Activate a configuration: the scans that begin from now on record its attributes."""
    _do(self, lambda: spockitems.activate(configuration))


@macro()
def scicat_reload(self: Any) -> None:
    """Let SciDog take in configurations that were edited as files; raises what is wrong in them."""
    _do(self, spockitems.reload)


@macro(
    [
        ["attribute", Type.String, None, "device/attribute, or a name of Sardana such as mot01"],
        ["name", Type.String, Optional, "name of the item; - for the attribute's label"],
        ["unit", Type.String, Optional, "its unit; - for the attribute's own"],
        ["group", Type.String, Optional, "group in the metadata; - for none"],
    ]
)
def scicat_add(self: Any, attribute: str, name: str | None, unit: str | None, group: str | None) -> None:
    """Add an attribute to the active configuration: the scans that begin from now on record it."""
    _do(self, lambda: spockitems.add(attribute, name, unit, group))


@macro([["words", [["word", Type.String, None, "of a name, alias, label, unit"]], None, "all must match"]])
def scicat_search(self: Any, words: list[str]) -> None:
    """Find attributes of all devices; what is printed first in a line is what scicat_add takes."""
    _show(self, lambda: spock_search.search(words))


@macro([["item", Type.String, None, "its name, group/name or attribute"]])
def scicat_remove(self: Any, item: str) -> None:
    """Remove an item from the active configuration."""
    _do(self, lambda: spockitems.remove(item))


@macro([["configuration", Type.String, Optional, "name, or name@revision; without it: what is recorded now"]])
def scicat_preview(self: Any, configuration: str | None) -> None:
    """Read a configuration as the next scan would: each item's value, unit, time and problems."""
    _show(self, lambda: spockitems.preview(configuration, _measurement_group(self)))


@macro()
def scicat_undo(self: Any) -> None:
    """Take back the last change of the active configuration; once more: put it back."""
    _do(self, spockitems.undo)


@macro([["sample", Type.String, Optional, "name of the sample; - for none; without it: show"]])
def scicat_sample(self: Any, sample: str | None) -> None:
    """Set the sample in PathFixer, which makes its directory; without a name show sample and path."""
    (_show if sample is None else _do)(self, lambda: spock.sample(sample, partial(_scan_dir, self)))


@macro([["proposal", Type.String, Optional, "id of the proposal; - for none; without it: show"]])
def scicat_proposal(self: Any, proposal: str | None) -> None:
    """Set the proposal in PathFixer, which makes its directories; without an id show proposal and path."""
    (_show if proposal is None else _do)(self, lambda: spock.proposal(proposal, partial(_scan_dir, self)))


@macro()
def scicat_last(self: Any) -> None:
    """Show what the last scan at this door recorded, and what it missed and why."""
    _show(self, lambda: spock.last(self.getDoorName()))


def _scan_dir(self: Any) -> object:
    return self.getAllEnv().get("ScanDir")


def _measurement_group(self: Any) -> object:
    return self.getAllEnv().get("ActiveMntGrp")


def _show(self: Any, lines: Lines) -> None:
    """Print the lines; what went wrong is one of them."""
    try:
        _print(self, lines())
    except InterruptException:
        raise
    except Exception as error:  # noqa: BLE001 - the macro's outermost call: a user gets a sentence, the log the trace
        self.error("%s", f"SciCat: {_sentence(error)}")


def _do(self: Any, work: Lines) -> None:
    """Do it and print the lines. Raises what went wrong as Sardana's error, which ends the calling macro."""
    try:
        _print(self, work())
    except InterruptException:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        raise MacroServerException({"type": "SciCat", "msg": _sentence(error)}) from None


def _print(self: Any, lines: list[str]) -> None:
    for line in lines:
        self.output("%s", spoken(line))


def _sentence(error: Exception) -> str:
    if isinstance(error, SciFishError):
        return spoken(str(error))
    _log.error("scicat macro: %s", error, exc_info=error)
    return spoken(f"{type(error).__name__}: {error}; please report this with the log of the MacroServer")
