"""What `scizoo register` would change: settings compared with the database."""

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from scizoo.errors import RegisterError
from scizoo.register.settings import DeviceSettings, RegisterSettings, ServerSettings
from scizoo.register.tango_database import Starting, TangoRegistry

CLASSES = {
    "PathFixer": ("PathFixer",),
    "SciDog": ("SciDog",),
    "SciFly": ("SciFly",),
    "SimulatedBeamline": (
        "StorageRing",
        "FrontEnd",
        "Undulator",
        "Monochromator",
        "Slits",
        "SampleStage",
        "Camera",
        "Troubled",
    ),
}
Texts = tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """One line of the difference, and how it is made true."""

    what: str
    before: str | None
    after: str
    apply: Callable[[TangoRegistry], None]

    def lines(self) -> list[str]:
        """Return the difference as `-` and `+` lines."""
        before = [f"- {self.what}: {self.before}"] if self.before is not None else []
        return [*before, f"+ {self.what}: {self.after}"]


def plan(settings: RegisterSettings, registry: TangoRegistry) -> list[Change]:
    """Return what must change so that the database is as the settings say; nothing else is touched.

    Raises RegisterError for a class that a server of ours does not have.
    """
    changes: list[Change] = []
    for name, server in settings.servers.items():
        for device, one in server.devices.items():
            check_class(name, device, one.class_)
            changes.extend(_device(name, device, one, registry))
        changes.extend(_starting(name, server, registry))
    for thing, properties in settings.properties.items():
        changes.extend(_free(thing, properties, registry))
    return changes


def check_class(server: str, device: str, class_: str) -> None:
    """Refuse a class that a server of ours does not have. Raises RegisterError."""
    known = CLASSES.get(server.partition("/")[0])
    if known is None or class_ in known:
        return
    near = difflib.get_close_matches(class_, known, n=1, cutoff=0.5)
    advice = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known)}"
    raise RegisterError(f"{device}: server {server} has no Tango class {class_!r}; {advice}")


def _device(server: str, device: str, wanted: DeviceSettings, registry: TangoRegistry) -> Iterator[Change]:
    found = registry.device(device)
    after = f"{wanted.class_} of {server}"
    before = f"{found.class_} of {found.server}" if found else None
    if before is None or before.lower() != after.lower():
        yield Change(
            f"device {device}", before, after, lambda to: to.put_device(server, wanted.class_, device)
        )
    alias = wanted.alias
    if alias:
        old = registry.alias(device) if found else None
        if (old or "").lower() != alias.lower():
            yield Change(f"alias of {device}", old, alias, lambda to: to.put_alias(device, alias))
    yield from _properties(
        f"property {device}",
        registry.properties(device, list(wanted.properties)) if found else {},
        wanted.properties,
        lambda to, properties: to.put_properties(device, properties),
    )
    for attribute, properties in wanted.attribute_properties.items():
        yield from _attribute(device, attribute, properties, registry, known=found is not None)


def _attribute(
    device: str, attribute: str, wanted: Mapping[str, Texts], registry: TangoRegistry, *, known: bool
) -> Iterator[Change]:
    return _properties(
        f"property {device}/{attribute}",
        registry.attribute_properties(device, attribute) if known else {},
        wanted,
        lambda to, properties: to.put_attribute_properties(device, attribute, properties),
    )


def _free(thing: str, wanted: Mapping[str, Texts], registry: TangoRegistry) -> Iterator[Change]:
    return _properties(
        f"free property {thing}",
        registry.free_properties(thing, list(wanted)),
        wanted,
        lambda to, properties: to.put_free_properties(thing, properties),
    )


def _starting(name: str, server: ServerSettings, registry: TangoRegistry) -> Iterator[Change]:
    if server.level is None:
        return
    wanted, found = Starting(server.host or "", server.level), registry.starting(name)
    if wanted != found:
        before = _shown_starting(found) if found != Starting() else None
        after = _shown_starting(wanted)
        yield Change(f"Starter {name}", before, after, lambda to: to.put_starting(name, wanted))


def _properties(
    what: str,
    found: Mapping[str, Texts],
    wanted: Mapping[str, Texts],
    put: Callable[[TangoRegistry, Mapping[str, Texts]], None],
) -> Iterator[Change]:
    """Yield a change for each property that differs; each is written by itself."""
    for name, values in wanted.items():
        old = found.get(name)
        if old != values:
            before = _value_text(old) if old else None
            yield Change(f"{what} {name}", before, _value_text(values), _writer(put, {name: values}))


def _writer(
    put: Callable[[TangoRegistry, Mapping[str, Texts]], None], properties: Mapping[str, Texts]
) -> Callable[[TangoRegistry], None]:
    return lambda to: put(to, properties)


def _value_text(values: Texts) -> str:
    return repr(values[0]) if len(values) == 1 else repr(list(values))


def _shown_starting(starting: Starting) -> str:
    return f"level {starting.level} on host {starting.host or 'any'}"
