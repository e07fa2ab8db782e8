"""What Jive shows of a device: descriptions, labels, units, display levels."""

import tango

_STANDARD_COMMANDS = {"Init", "State", "Status"}
_STANDARD_ATTRIBUTES = {"State", "Status"}
_NOTHING = {"", "No description", "Uninitialised", "Undefined", "none"}


def undescribed(device: tango.DeviceProxy) -> list[str]:
    """Return what a person who looks at `device` in Jive would miss."""
    return [*_attributes(device), *_commands(device)]


def _attributes(device: tango.DeviceProxy) -> list[str]:
    own = [one for one in device.attribute_list_query() if one.name not in _STANDARD_ATTRIBUTES]
    return [f"attribute {one.name}: description" for one in own if one.description in _NOTHING] + [
        f"attribute {one.name}: label" for one in own if one.label in {"", one.name}
    ]


def _commands(device: tango.DeviceProxy) -> list[str]:
    missing = []
    for one in device.command_list_query():
        if one.cmd_name in _STANDARD_COMMANDS:
            continue
        for kind, text, side in (
            (one.in_type, one.in_type_desc, "argument"),
            (one.out_type, one.out_type_desc, "result"),
        ):
            if kind != tango.CmdArgType.DevVoid and text in _NOTHING:
                missing.append(f"command {one.cmd_name}: {side}")
    return missing
