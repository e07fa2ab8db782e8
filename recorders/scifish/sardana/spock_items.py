"""The macros for SciDog's configurations; each function returns lines to print, or raises a SciFishError."""

import json
import time
from collections.abc import Callable
from typing import TypeVar

from scifish.beamline.beamline_device import BeamlineDevice
from scifish.common.text_forms import counted
from scifish.common.yaml_model import parse
from scifish.contract.attribute_name import split
from scifish.contract.configuration import Configuration, Item
from scifish.errors import SciFishError
from scifish.runtime import runtime
from scifish.sardana.item_edit import added, removed, shown_name
from scifish.tango_client.text import ascii_json

NONE_GIVEN = ("", "-")
NOT_KNOWN = "likely mistakes are not known"
LOOKS, LOOK_EVERY = 3.0, 0.1  # seconds that SciDog has to look at devices; one that hangs takes longer
Change = TypeVar("Change")


def configurations() -> list[str]:
    """List SciDog's configurations; the active one has a star."""
    names, active = _scidog().facts("Configurations", "Configuration")
    if not names:
        return ["SciDog has no configuration; put one into its store as a YAML file, then: scicat_reload"]
    return [f"{'*' if name == active else ' '} {name}" for name in names]


def activate(name: str) -> list[str]:
    """Activate a configuration (``-``: none): scans that begin from now on record its attributes."""
    scidog = _scidog()
    scidog.call("Activate", "" if name in NONE_GIVEN else name)
    active, revision = scidog.read("Configuration", "Revision")
    return [f"active: {active}, revision {revision}" if active else "active: none"]


def reload() -> list[str]:
    """Let SciDog take in YAML files that were edited. Raises SciFishError with what is wrong in them."""
    scidog = _scidog()
    scidog.call("Reload")
    state, status = scidog.read("State", "Status")
    first, *problems = str(status).splitlines() or [""]
    if str(state) in ("ALARM", "FAULT"):
        raise SciFishError(f"{scidog}: {' '.join([*problems] or [first])}")
    return [f"reloaded: {first}", *(f"warning: {one}" for one in _warnings())]


def add(attribute: str, name: str | None, unit: str | None, group: str | None) -> list[str]:
    """Add an attribute to the active configuration; None, or ``-``, for what is not given."""
    optional = {"name": name, "unit": unit, "group": group}
    given = {key: text for key, text in optional.items() if text is not None and text not in NONE_GIVEN}
    item = parse(Item, {"attribute": attribute, **given}, "scicat_add")
    now, _ = _changed(lambda document: (added(document, item), item))
    shown = f" as {shown_name(item)}" if item.name else f" in {item.group}" if item.group else ""
    about = f"{now.name} revision {now.revision}, item {len(now.items)}: "
    warnings = [one.removeprefix(about) for one in _warnings(item) if one.startswith((about, NOT_KNOWN))]
    mistaken = any(not one.startswith(NOT_KNOWN) for one in warnings)
    undo = [f"take it out with: scicat_remove {item.attribute}"] if mistaken else []
    return [
        f"added: {item.attribute}{shown}; {_stands(now)}",
        *(f"warning: {one}" for one in warnings),
        *undo,
    ]


def remove(wanted: str) -> list[str]:
    """Remove the item of that name or attribute from the active configuration."""
    now, item = _changed(lambda document: removed(document, wanted))
    shown = f" ({shown_name(item)})" if item.name else ""
    return [f"removed: {item.attribute}{shown}; {_stands(now)}"]


def _changed(change: Callable[[Configuration], tuple[Configuration, Change]]) -> tuple[Configuration, Change]:
    """Save the active configuration changed, and return it: its new revision is active."""
    scidog = _scidog()
    name, revision, pinned = scidog.facts("Configuration", "Revision", "Pinned")
    if not name:
        raise SciFishError(f"{scidog}: no configuration is active; activate one with: scicat_activate NAME")
    if pinned:
        raise SciFishError(
            f"{scidog}: {name}@{revision} is pinned, so a change would not be recorded; "
            f"follow the newest revision with: scicat_activate {name}"
        )
    document = parse(Configuration, json.loads(scidog.call("Load", name)), str(scidog))
    changed, item = change(document)
    saved = scidog.call("Save", ascii_json(changed))
    return changed.model_copy(update={"revision": saved}), item


def _stands(now: Configuration) -> str:
    return f"{now.name} is at revision {now.revision} with {counted(len(now.items), 'item')}"


def _warnings(item: Item | None = None) -> list[str]:
    """Return SciDog's warnings, once it has looked at the item's device, or at all. Never raises."""
    scidog, until = _scidog(), time.monotonic() + LOOKS
    device = split(item.attribute)[0] if item else None
    try:
        while True:
            warnings, unseen = (list(one or ()) for one in scidog.read("Warnings", "NotLookedAt"))
            waiting = unseen if device is None else [one for one in unseen if one == device]
            if not waiting:
                return warnings
            if time.monotonic() > until:
                return [
                    *warnings,
                    f"{NOT_KNOWN} of {waiting[0]}: it has not answered yet; scicat_status tells it",
                ]
            time.sleep(LOOK_EVERY)
    except SciFishError as error:  # what was asked for is done
        return [f"{NOT_KNOWN}: {error}"]


def _scidog() -> BeamlineDevice:
    return BeamlineDevice("SciDog", runtime().settings.scidog)
