"""The Tango side of the chain: the database, our devices and their states, Sardana's recorder."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import tango

from scifish.tango_client.errors import reason
from scifish.tango_client.threads import tango_threads
from scifish.threads.deadline import answer_within
from scizoo.check.finding import Finding, fail, note, ok
from scizoo.errors import RegisterError
from scizoo.facility.door import read_environment
from scizoo.register.tango_database import TangoRegistry, tango_host_in_use

CLASSES = ("PathFixer", "SciDog", "SciFly")
RECORDER = "SciCatRecorder"
DEADLINE = 4.0
WRONG = (tango.DevState.FAULT, tango.DevState.ALARM, tango.DevState.UNKNOWN)
DEVICE_DEADLINE = 2.0  # seconds that a device of an item has to answer
CHECK_DEADLINE = 10.0
UNASKED = ("nothing is recorded", "Command Check not found")
Answer = TypeVar("Answer")


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
            text = f"no device of class {class_} is registered in {registry.host}"
            yield needed(class_, f"{text}; add it with `scizoo register`")
        for device in devices[class_]:
            yield _device(class_, device, registry)
            if class_ == "SciDog":
                yield from _warnings(device, registry)
    followed = _followed(devices["PathFixer"], registry)
    for device in devices["MacroServer"]:
        yield _recorder(device, registry)
        if device.lower() not in followed:
            yield note(
                f"Sardana {device}",
                "no PathFixer sets its ScanDir: scans stay in the folder that it names; write the "
                "MacroServer into PathFixer's property MacroServers",
            )


def _followed(pathfixers: Iterable[str], registry: TangoRegistry) -> set[str]:
    """Return the MacroServers whose ScanDir a PathFixer sets."""
    found = (registry.properties(one, ["MacroServers"]).get("MacroServers", ()) for one in pathfixers)
    return {name.strip().lower() for names in found for name in names}


def _device(class_: str, name: str, registry: TangoRegistry) -> Finding:
    part = f"{class_} {name}"
    found = registry.device(name)
    if found is None or not found.exported:
        server = found.server if found else class_
        return fail(part, f"server {server} does not run; {_start(server)}")
    try:
        state, status = _asked(name, _state, registry)
    except (tango.DevFailed, TimeoutError) as error:
        return fail(part, _silent(found.server, error))
    verdict = fail if state in WRONG else ok
    return verdict(part, f"{state}: {status}")


def _warnings(name: str, registry: TangoRegistry) -> Iterator[Finding]:
    """Yield SciDog's likely mistakes and all that its `Check` tells; that it is away was told already."""
    part = f"SciDog {name}"
    try:
        told = _asked(name, _read_warnings, registry)
    except (tango.DevFailed, TimeoutError):
        return
    for text in told:
        yield note(part, text)
    try:
        checked = _asked(name, _check, registry, CHECK_DEADLINE)
    except TimeoutError:
        yield note(part, f"has not read its items within {CHECK_DEADLINE:g} s; run its command Check")
        return
    except tango.DevFailed as error:
        why = reason(error.args)
        if not any(text in why for text in UNASKED):
            yield note(part, f"has not read its items ({why}); run its command Check")
        return
    revision = f"{checked['configuration']} revision {checked['revision']}"
    for one in checked["problems"]:
        if not _is_told(one, told):
            yield note(part, f"{revision}, item {one['item']}: {one['attribute']}: {one['text']}")


def _is_told(problem: dict[str, Any], told: Iterable[str]) -> bool:
    """Tell whether a likely mistake says the same: in the same words, or in its own of a wrong name."""
    if problem["kind"] in ("device undefined", "attribute unknown"):
        begins = (f": {problem['attribute']}: ", f": {problem['attribute']} is no element")
        return any(one in text for text in told for one in begins)
    return any(problem["text"] in text for text in told)


def _recorder(name: str, registry: TangoRegistry) -> Finding:
    part = f"Sardana {name}"
    found = registry.device(name)
    if found is None or not found.exported:
        server = found.server if found else "MacroServer"
        return note(part, f"server {server} does not run: no scans here; {_start(server)}")
    try:
        environment = _asked(name, read_environment, registry)
    except (tango.DevFailed, TimeoutError) as error:
        return fail(part, _silent(found.server, error))
    recorders = environment.get("DataRecorder") or ()
    if RECORDER in ([recorders] if isinstance(recorders, str) else recorders):
        return ok(part, f"records with {RECORDER}")
    return fail(part, f"scans are not recorded; type in spock: %senv DataRecorder {RECORDER}")


def _start(server: str) -> str:
    return f"start it in Astor, or run: {' '.join(server.split('/', 1))}"


def _silent(server: str, error: tango.DevFailed | TimeoutError) -> str:
    """Return what is said of a server that does not answer: it has died, or it hangs."""
    if isinstance(error, TimeoutError):
        return f"server {server} hangs (no answer in {DEADLINE:g} s); see its log, then restart it in Astor"
    return f"server {server} does not answer ({reason(error.args)}); {_start(server)}"


def _asked(
    name: str, ask: Callable[[str], Answer], registry: TangoRegistry, deadline: float = DEADLINE
) -> Answer:
    """Return what `ask` returns of a device. Raises TimeoutError, DevFailed."""
    address = f"tango://{registry.host}/{name}"
    return answer_within(deadline, lambda: ask(address), what=name, start=tango_threads.start)


def _state(address: str) -> tuple[Any, str]:
    proxy = tango.DeviceProxy(address)
    return proxy.state(), proxy.status()


def _check(address: str) -> dict[str, Any]:
    """Let SciDog read what is recorded now."""
    proxy = tango.DeviceProxy(address)
    proxy.set_timeout_millis(int(CHECK_DEADLINE * 1000))
    answer: dict[str, Any] = json.loads(proxy.command_inout("Check", f'{{"seconds": {DEVICE_DEADLINE}}}'))
    return answer


def _read_warnings(address: str) -> tuple[str, ...]:
    answer: Any = tango.DeviceProxy(address).read_attribute("Warnings")
    return tuple(answer.value or ())
