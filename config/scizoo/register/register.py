"""`scizoo register`: show what would change in the Tango database, and change it when asked to."""

import json
from collections.abc import Callable
from pathlib import Path

from scifish.common.text_forms import counted
from scizoo.register.dsconfig import to_dsconfig
from scizoo.register.plan import Change, plan
from scizoo.register.register_file import load_register
from scizoo.register.tango_database import TangoRegistry, tango_host_in_use

Say = Callable[[str], None]


def register(path: Path, *, apply: bool, host: str | None, say: Say) -> int:
    """Show the difference between the settings and the database, and write it; return the number of changes.

    Raises SettingsError or RegisterError.
    """
    settings = load_register(path)
    registry = TangoRegistry(host or tango_host_in_use())
    changes = plan(settings, registry)
    for change in changes:
        _show(change, say)
        if apply:
            change.apply(registry)
    say(_summary(len(changes), registry.host, apply=apply))
    return len(changes)


def export(path: Path, target: Path | None, say: Say) -> None:
    """Write the settings in dsconfig's form, to `target` or as text. Raises SettingsError or OSError."""
    text = json.dumps(to_dsconfig(load_register(path)), indent=4) + "\n"
    if target is None:
        say(text.rstrip("\n"))
    else:
        target.write_text(text, encoding="utf-8")


def _show(change: Change, say: Say) -> None:
    for line in change.lines():
        say(line)


def _summary(count: int, host: str, *, apply: bool) -> str:
    if not count:
        return f"The Tango database {host} is as the settings say: nothing to do."
    changes = counted(count, "change")
    if apply:
        return f"{changes} written to the Tango database {host}."
    return f"{changes} for the Tango database {host}; nothing was written: --apply writes them."
