"""What the macros say and do about SciDog's configurations; each returns lines or raises a SciFishError."""

import json
from collections.abc import Callable
from typing import TypeVar

from scifish.beamline.beamline_device import BeamlineDevice
from scifish.common.yaml_model import parse
from scifish.contract.configuration import Configuration, Item
from scifish.errors import SciFishError
from scifish.runtime import runtime
from scifish.sardana.item_edit import added, removed, shown_name
from scifish.tango_client.text import ascii_json

NONE_GIVEN = ("", "-")
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
    return [f"reloaded: {first}"]


def add(attribute: str, name: str | None, unit: str | None, group: str | None) -> list[str]:
    """Add an attribute to the active configuration; None, or ``-``, for what is not given."""
    optional = {"name": name, "unit": unit, "group": group}
    given = {key: text for key, text in optional.items() if text is not None and text not in NONE_GIVEN}
    item = parse(Item, {"attribute": attribute, **given}, "scicat_add")
    said, _ = _changed(lambda document: (added(document, item), item))
    shown = f" as {shown_name(item)}" if item.name else f" in {item.group}" if item.group else ""
    return [f"added: {item.attribute}{shown}; {said}"]


def remove(wanted: str) -> list[str]:
    """Remove the item of that name or attribute from the active configuration."""
    said, item = _changed(lambda document: removed(document, wanted))
    shown = f" ({shown_name(item)})" if item.name else ""
    return [f"removed: {item.attribute}{shown}; {said}"]


def _changed(change: Callable[[Configuration], tuple[Configuration, Change]]) -> tuple[str, Change]:
    """Save the active configuration changed; it is the newest, and becomes active with its new revision."""
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
    many = "1 item" if len(changed.items) == 1 else f"{len(changed.items)} items"
    return f"{name} is at revision {saved} with {many}", item


def _scidog() -> BeamlineDevice:
    return BeamlineDevice("SciDog", runtime().settings.scidog)
