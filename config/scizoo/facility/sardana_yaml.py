"""The sardana-config document of a small beamline: dummy motors and counters, one MacroServer, its doors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

# A dummy motor takes 0.3 s a step by itself; a scan of the demo shall not wait for that.
_QUICK = {"Acceleration": 0.001, "Deceleration": 0.001, "Velocity": 1000.0}


@dataclass(frozen=True)
class SardanaSettings:
    """What the Pool and the MacroServer are provisioned with; `environment` is the MacroServer's.

    `DataRecorder`, `ScanDir` and `ScanFile` of the environment are Sardana's own names.
    """

    instance: str = "demo"
    motors: tuple[str, ...] = ("mot01", "mot02")
    counters: tuple[str, ...] = ("ct01", "ct02", "ct03", "ct04")
    doors: tuple[str, ...] = ("door/demo/1",)
    macro_path: tuple[Path, ...] = ()
    recorder_path: tuple[Path, ...] = ()
    environment: Mapping[str, Any] = field(default_factory=dict)

    @property
    def measurement_group(self) -> str:
        """The measurement group, which is the active one."""
        return "mntgrp01"

    @property
    def pool(self) -> str:
        """The Pool's device."""
        return f"pool/{self.instance}/1"

    @property
    def macroserver(self) -> str:
        """The MacroServer's device."""
        return f"macroserver/{self.instance}/1"


def sardana_document(settings: SardanaSettings, tango_host: str, environment_db: Path) -> dict[str, Any]:
    """Return the document that sardana-config loads."""
    pool, group = f"pool_{settings.instance}", settings.measurement_group
    macroserver = {
        "tango_device": settings.macroserver,
        "tango_server": f"MacroServer/{settings.instance}",
        "environment_db": str(environment_db),
        "environment": {"variables": {"ActiveMntGrp": group, "ScanID": 0, **settings.environment}},
        "doors": {name.replace("/", "_"): {"tango_device": name} for name in settings.doors},
        "pools": [pool],
    }
    for name, paths in (("macro_path", settings.macro_path), ("recorder_path", settings.recorder_path)):
        if paths:
            macroserver[name] = [str(path) for path in paths]
    return {
        "tango_host": tango_host,
        "pools": {
            pool: {
                "tango_device": settings.pool,
                "tango_server": f"Pool/{settings.instance}",
                "controllers": _controllers(settings),
                "measurement_groups": {group: {"channels": _channels(settings)}},
            }
        },
        "macro_servers": {f"ms_{settings.instance}": macroserver},
    }


def write_yaml(path: Path, document: Mapping[str, Any]) -> Path:
    """Write the document. Lists are blocks: sardana-config keeps a flow list as a text and ignores it."""
    path.write_text(yaml.safe_dump(dict(document), default_flow_style=False, sort_keys=False))
    return path


def _controllers(settings: SardanaSettings) -> dict[str, Any]:
    return {
        "motctrl01": _controller("Motor", "DummyMotorController", settings.motors, _QUICK),
        "ctctrl01": _controller("CTExpChannel", "DummyCounterTimerController", settings.counters, {}),
    }


def _controller(
    kind: str, name: str, elements: tuple[str, ...], attributes: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "type": kind,
        "python_module": f"{name}.py",
        "python_class": name,
        "elements": {
            element: {"axis": axis, **({"attributes": dict(attributes)} if attributes else {})}
            for axis, element in enumerate(elements, start=1)
        },
    }


def _channels(settings: SardanaSettings) -> list[dict[str, Any]]:
    timer = settings.counters[0]
    return [{name: {"timer": timer, "monitor": timer, "output": True}} for name in settings.counters]
