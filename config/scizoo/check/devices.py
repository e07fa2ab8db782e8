"""The Tango side of the chain: the database, our devices and their states, Sardana's recorder."""

from collections.abc import Iterator
from typing import Any

import tango

from scifish.deadline import answer_within
from scizoo.check.finding import Finding, fail, note, ok
from scizoo.door import read_environment
from scizoo.errors import RegisterError
from scizoo.tangoregistry import TangoRegistry, tango_host_in_use

CLASSES = ("PathFixer", "SciDog", "SciFly")
RECORDER = "SciCatRecorder"
DEADLINE = 4.0


def tango_findings(host: str | None) -> Iterator[Finding]:
    """Check the Tango database and what is registered there."""
    try:
        registry = TangoRegistry(host or tango_host_in_use())
        devices = {class_: registry.devices_of_class(class_) for class_ in (*CLASSES, "MacroServer")}
    except RegisterError as error:
        yield fail("Tango database", str(error))
        return
    yield ok("Tango database", f"{registry.host} answers")
    for class_ in CLASSES:
        if not devices[class_]:
            needed = fail if class_ != "SciFly" else note
            yield needed(class_, f"no device of class {class_} is registered; add it with `scizoo register`")
        for device in devices[class_]:
            yield _device(class_, device, registry)
    for device in devices["MacroServer"]:
        yield _recorder(device, registry)


def _device(class_: str, name: str, registry: TangoRegistry) -> Finding:
    part = f"{class_} {name}"
    found = registry.device(name)
    if found is None or not found.exported:
        server = found.server if found else class_
        return fail(part, f"server {server} does not run; start it in Astor, or run it by hand")
    try:
        state, status = answer_within(DEADLINE, lambda: _state(name, registry.host), what=name)
    except tango.DevFailed as error:
        return fail(part, f"does not answer ({error.args[0].desc}); start {found.server} again")
    except TimeoutError:
        return fail(part, f"did not answer within {DEADLINE:g} s; look at {found.server}, or restart it")
    wrong = state in (tango.DevState.FAULT, tango.DevState.UNKNOWN)
    return fail(part, f"{state}: {status}") if wrong else ok(part, f"{state}: {status}")


def _recorder(name: str, registry: TangoRegistry) -> Finding:
    part = f"Sardana {name}"
    found = registry.device(name)
    if found is None or not found.exported:
        return note(part, "the MacroServer does not run")
    try:
        environment = answer_within(DEADLINE, lambda: _environment(name, registry.host), what=name)
    except (tango.DevFailed, TimeoutError) as error:
        return fail(part, f"does not answer ({error}); look at its log, or restart it")
    recorders = environment.get("DataRecorder") or ()
    if RECORDER in ([recorders] if isinstance(recorders, str) else recorders):
        return ok(part, f"records with {RECORDER}")
    return fail(part, f"scans are not recorded; type in spock: %senv DataRecorder {RECORDER}")


def _state(name: str, host: str) -> tuple[Any, str]:
    proxy = tango.DeviceProxy(f"tango://{host}/{name}")
    return proxy.state(), proxy.status()


def _environment(name: str, host: str) -> dict[str, Any]:
    return read_environment(f"tango://{host}/{name}")
