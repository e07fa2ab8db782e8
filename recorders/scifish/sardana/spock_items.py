"""The macros for SciDog's configurations; each function returns lines to print, or raises a SciFishError."""

import json
import time
from typing import Any

from scifish.beamline.beamline_device import BeamlineDevice
from scifish.common.text_forms import counted
from scifish.common.yaml_model import parse
from scifish.contract.attribute_name import split
from scifish.contract.configuration import Item, read_published
from scifish.errors import SciFishError
from scifish.runtime import runtime
from scifish.sardana.spock_rules import facts_here, rule_lines

NONE_GIVEN = ("", "-")
FIRST = "default"  # what the first item makes where there is no configuration
NOT_KNOWN = "likely mistakes are not known"
CHOOSES = "rules of {} choose other configurations for some scans; see scicat_configurations"
LOOKS, LOOK_EVERY = 3.0, 0.1  # seconds that SciDog has to look at devices; one that hangs takes longer


def configurations(measurement_group: object = None) -> list[str]:
    """List SciDog's configurations; the active one has a star; its rules and what they choose here."""
    names, active, document = _scidog().facts("Configurations", "Configuration", "Document")
    if not names:
        return ["SciDog has no configuration; put one into its store as a YAML file, then: scicat_reload"]
    lines = [f"{'*' if name == active else ' '} {name}" for name in names]
    published = read_published(document) if document else None
    if published is None or not published.rules:
        return lines
    return [*lines, *rule_lines(published, facts_here(measurement_group))]


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
    made = _first()
    now = _edited("AddItem", configuration=made, item=item.model_dump(mode="json", exclude_defaults=True))
    if made:
        _scidog().call("Activate", made)
    shown = f" as {shown_name(item)}" if item.name else f" in {item.group}" if item.group else ""
    about = f"{now['configuration']} revision {now['revision']}, item {now['items']}: "
    warnings = [one.removeprefix(about) for one in _warnings(item) if one.startswith((about, NOT_KNOWN))]
    mistaken = any(not one.startswith(NOT_KNOWN) for one in warnings)
    undo = [f"take it out with: scicat_remove {item.attribute}"] if mistaken else []
    return [
        *([f"active: {made}, the first configuration"] if made else []),
        f"added: {item.attribute}{shown}; {_stands(now)}",
        *([CHOOSES.format(now["configuration"])] if now["rules"] else []),
        *(f"warning: {one}" for one in warnings),
        *undo,
    ]


def remove(wanted: str) -> list[str]:
    """Remove the item of that name or attribute from the active configuration."""
    now = _edited("RemoveItem", item=wanted)
    item = Item.model_validate(now["item"])
    shown = f" ({shown_name(item)})" if item.name else ""
    return [f"removed: {item.attribute}{shown}; {_stands(now)}"]


def preview(name: str | None = None, measurement_group: object = None) -> list[str]:
    """Read a configuration, or what its rules choose, as the next scan would; without a name: the active."""
    wanted = {} if name is None or name in NONE_GIVEN else {"configuration": name}
    scan = facts_here(measurement_group).model_dump(mode="json", exclude_defaults=True)
    found = json.loads(_scidog().call("Preview", json.dumps({**wanted, "scan": scan})))
    wrong = sum(bool(item["problems"]) for item in found["items"])
    count = counted(len(found["items"]), "item")
    return [
        f"{found['configuration']} revision {found['revision']}: {count}, {counted(wrong, 'problem')}, "
        f"{found['ms']:.0f} ms; the budget is {found['budget_ms']:.0f} ms",
        *([f"chosen by {found['why']}"] if found["why"] else []),
        *(f"problem: rule {one['rule']}: {one['text']}" for one in found["rule_problems"]),
        *(line for item in found["items"] for line in _previewed(item)),
    ]


def _previewed(item: dict[str, Any]) -> list[str]:
    """Return an item as it would be recorded, and what is wrong with it."""
    name = f"{item['group']}/{item['name']}" if item["group"] else item["name"]
    recorded = item["recorded"]
    value = json.dumps(recorded["value"], ensure_ascii=False) if recorded["value"] is not None else "no value"
    took = "" if item["ms"] is None else f" ({item['ms']:.0f} ms)"
    unit = f" {recorded['unit']}" if recorded.get("unit") and recorded["value"] is not None else ""
    return [f"  {name} = {value}{unit}{took}", *(f"    problem: {one['text']}" for one in item["problems"])]


def undo() -> list[str]:
    """Make the revision before the newest one of the active configuration the newest again."""
    scidog = _scidog()
    name, _ = scidog.facts("Configuration", "Revision")
    if not name:
        raise SciFishError(f"{scidog}: no configuration is active; activate one with: scicat_activate NAME")
    before, last, *_ = [*json.loads(scidog.call("History", name))["revisions"], {}, {}][1::-1]
    now = _edited("Restore", configuration=name)
    changes = last.get("changes", ())
    return [
        f"{name}: revision {before.get('revision')} is the newest again, as {_revision(now)}",
        *(f"taken back: {_shown_change(one)}" for one in changes),
    ]


def _shown_change(change: dict[str, Any]) -> str:
    """Return a change of SciDog's history in a line."""
    before, after = change["before"], change["after"]
    if before is None and isinstance(after, dict):
        return f"+ {change['place']}"
    if after is None and isinstance(before, dict):
        return f"- {change['place']}"
    return f"{change['place']}: {json.dumps(before)} -> {json.dumps(after)}"


def _first() -> str | None:
    """Return the name for a first configuration where there is none at all; None: one is active."""
    scidog = _scidog()
    active, names = scidog.facts("Configuration", "Configurations")
    if active:
        return None
    if names:
        raise SciFishError(
            f"{scidog}: no configuration is active; activate one with: scicat_activate NAME; there are: "
            f"{', '.join(names[:10])}"
        )
    return FIRST


def shown_name(item: Item) -> str:
    """Return the item's name with its group, as people write it; without a name: its attribute."""
    name = item.name or item.attribute
    return f"{item.group}/{name}" if item.group and item.name else name


def _edited(command: str, **request: Any) -> dict[str, Any]:
    """Let SciDog edit the active configuration, and return what it became: the new revision is active."""
    answer: dict[str, Any] = json.loads(_scidog().call(command, json.dumps(request)))
    return answer


def _stands(now: dict[str, Any]) -> str:
    return f"{now['configuration']} is at {_revision(now)}"


def _revision(now: dict[str, Any]) -> str:
    return f"revision {now['revision']} with {counted(now['items'], 'item')}"


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
