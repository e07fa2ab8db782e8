"""Where the settings come from: SCIFISH_CONFIG, the host's file, the Tango database, the defaults."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from scifish.common.masking import shown_value
from scifish.common.yaml_model import parse, read_yaml, with_current_names
from scifish.errors import SettingsError
from scifish.settings.model import SciFishSettings
from scifish.tango_client import errors as tangoerrors
from scifish.tango_client.database import free_properties
from scifish.tango_client.tango_import import import_tango
from scifish.tango_client.threads import tango_threads
from scifish.threads.deadline import answer_within

VARIABLE = "SCIFISH_CONFIG"
HOST_FILE = Path("/etc/scizoo/scifish.yaml")
TANGO_OBJECT = "SciFish"
TANGO_FILES = ("~/.tangorc", "/etc/tangorc")
TANGO_DEADLINE = 3.0
DEFAULT = "default"


@dataclass(frozen=True)
class FoundSettings:
    """The settings, where each written one came from (``kafka.bootstrap`` -> source), and what went wrong."""

    settings: SciFishSettings = field(default_factory=SciFishSettings)
    origins: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def find_settings(
    environment: Mapping[str, str] = os.environ,
    *,
    host_file: Path = HOST_FILE,
    deadline: float = TANGO_DEADLINE,
) -> FoundSettings:
    """Find the settings; the first source that exists counts alone. Raises SettingsError when it is wrong."""
    named = environment.get(VARIABLE)
    if named:
        return _found(read_yaml(Path(named)), f"{named} ({VARIABLE})", Path(named))
    if os.path.exists(host_file):  # noqa: PTH110 - Path.exists raises where a folder may not be entered
        return _found(read_yaml(host_file), str(host_file), host_file)
    if tango_host(environment) is None:
        return FoundSettings()
    try:
        import_tango()  # takes none of the database's time
        document = answer_within(
            deadline,
            _from_tango,
            what="the Tango database's free property SciFish",
            start=tango_threads.start,
        )
    except Exception as error:  # noqa: BLE001 - Tango raises its own errors, and settings are not worth a scan
        return FoundSettings(problems=(f"the settings were not looked for in Tango: {_reason(error)}",))
    return _found(document, f"Tango free property {TANGO_OBJECT}") if document else FoundSettings()


def find_settings_or_defaults() -> FoundSettings:
    """Find the settings; wrong ones become defaults and a problem, so that the entry is kept all the same."""
    try:
        return find_settings()
    except SettingsError as error:
        return FoundSettings(problems=(f"the settings are not used: {error}",))


def tango_host(environment: Mapping[str, str] = os.environ, files: Sequence[str] = TANGO_FILES) -> str | None:
    """Return the Tango database of this host as Tango itself finds it; None: there is none.

    An empty TANGO_HOST is none: as Tango does, the files are read only where it is not set.
    """
    if "TANGO_HOST" in environment:
        return environment["TANGO_HOST"] or None
    for path in files:
        for line in _lines(os.path.expanduser(path)):  # noqa: PTH111 - Path's raises for a user without a home
            name, _, value = line.partition("=")
            if name.strip() == "TANGO_HOST" and value.strip():
                return value.strip()
    return None


def settings_table(found: FoundSettings) -> list[tuple[str, str, str]]:
    """Return (setting, value, source) of every setting; secrets are masked."""
    rows = []
    in_force = found.settings.model_copy(update={"mode": found.settings.delivery})
    for name, value in _flat(in_force.model_dump(by_alias=True)).items():
        source = next((origin for key, origin in found.origins.items() if _covers(key, name)), DEFAULT)
        rows.append((name, _masked(name, value), source))
    return rows


def _found(document: Mapping[str, Any], source: str, file: Path | None = None) -> FoundSettings:
    current = with_current_names(SciFishSettings, document, source)
    settings = parse(SciFishSettings, current, source, file=file)
    return FoundSettings(settings, dict.fromkeys(_flat(current), source))


def _from_tango() -> dict[str, Any]:
    """Read the free property: each property is a setting, ``kafka.bootstrap`` written with its dot."""
    import tango

    document: dict[str, Any] = {}
    for name, lines in free_properties(tango.Database(), TANGO_OBJECT).items():
        *folders, last = name.split(".", 1)
        place = document.setdefault(folders[0], {}) if folders else document
        place[last] = yaml.safe_load("\n".join(lines))
    return document


def _reason(error: Exception) -> str:
    """Return one line for an error of Tango's (a stack of them) or of anything else."""
    if error.args and hasattr(error.args[0], "desc"):
        return tangoerrors.reason(error.args)
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _flat(document: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for name, value in document.items():
        if isinstance(value, BaseModel | Mapping) and value:
            rows.update(_flat(dict(value), f"{prefix}{name}."))
        else:
            rows[f"{prefix}{name}"] = value
    return rows


def _covers(written: str, name: str) -> bool:
    return written == name or name.startswith(f"{written}.")


def _masked(name: str, value: object) -> str:
    """Return what `scifish config` shows; the path of a secret's file is none."""
    is_path = name.startswith("kafka.secret_files") or name.endswith("_file")
    return str(value) if is_path else shown_value(name, value)


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
