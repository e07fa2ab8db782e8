"""One Tango device as the snapshot sees it: one call reads all, errors are reasons, nothing raises."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from scifish.contract.attribute_name import MAIN
from scifish.contract.json_form import LONGEST_ARRAY, Json, jsonable
from scifish.errors import SciFishError
from scifish.snapshot.attributes import Description, Reading
from scifish.snapshot.sardana_element import main_attribute
from scifish.tango_client.errors import reason
from scifish.tango_client.text import from_tango

if TYPE_CHECKING:
    import tango

NO_UNIT = ("", "No unit", "not specified")


class TangoDevice:
    """Reads a device through a cached proxy. Each method may block as long as Tango does."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._proxy: tango.DeviceProxy | None = None
        self._class = ""

    def attached(self) -> AbstractContextManager[object]:
        """Return what a thread must have around it to use this device."""
        try:
            import tango
        except (ImportError, RuntimeError):  # not installed, or the process ends: each reading will say so
            return nullcontext()
        return tango.EnsureOmniThread()

    def read(self, attributes: tuple[str, ...]) -> dict[str, Reading]:
        """Read the attributes in one call; each is a value or has a reason."""
        import tango

        if not attributes:
            return {}
        try:
            known = self._known(attributes)
            answers = self.connected().read_attributes(list(known.values())) if known else ()
        except tango.DevFailed as error:
            return dict.fromkeys(attributes, Reading(error=reason(error.args), reached=False))
        except SciFishError as error:
            return dict.fromkeys(attributes, Reading(error=str(error), reached=False))
        found = {name: _reading(one) for name, one in zip(known, answers, strict=True)}
        return {name: found.get(name) or self._no_main() for name in attributes}

    def connect(self) -> None:
        """Connect if that works; each reading says why it does not."""
        import tango

        with suppress(tango.DevFailed):
            self.connected()

    def full_names(self, attributes: tuple[str, ...]) -> dict[str, str]:
        """Return the name of each attribute in its Tango database, without asking anybody."""
        proxy, main = self._proxy, main_attribute(self._class)
        if proxy is None:
            return {}
        device = full_name(proxy)
        return {name: f"{device}/{name or main}".lower() for name in attributes if name or main}

    def describe(self, attributes: tuple[str, ...]) -> dict[str, Description]:
        """Ask for the configuration of the attributes; what cannot be had is left out."""
        import tango

        if not attributes:
            return {}
        try:
            known = self._known(attributes)
            found = self.connected().get_attribute_config_ex(list(known.values())) if known else ()
        except tango.DevFailed:
            return self._describe_each(attributes) if len(attributes) > 1 else {}
        return {name: _description(one) for name, one in zip(known, found, strict=True)}

    def _describe_each(self, attributes: Iterable[str]) -> dict[str, Description]:
        """Tango refuses the whole list for one name that it does not know."""
        found: dict[str, Description] = {}
        for name in attributes:
            found.update(self.describe((name,)))
        return found

    def _known(self, attributes: tuple[str, ...]) -> dict[str, str]:
        """Return what each attribute is called in the device; no `MAIN` that it lacks. Raises DevFailed."""
        if MAIN in attributes and not self._class:
            self._class = self.connected().info().dev_class
        main = main_attribute(self._class) or ""
        return {name: name or main for name in attributes if name or main}

    def _no_main(self) -> Reading:
        """Return why the device has no main attribute."""
        return Reading(
            error=f"is a device of class {self._class} and no element of Sardana: "
            f"name its attribute, {self._name}/ATTRIBUTE"
        )

    def connected(self) -> "tango.DeviceProxy":
        """Return the proxy. Raises DevFailed."""
        import tango

        if self._proxy is None:
            self._proxy = tango.DeviceProxy(self._name, green_mode=tango.GreenMode.Synchronous)
        return self._proxy


def full_name(proxy: "tango.DeviceProxy") -> str:
    """Return the device's name with its Tango database, the same for each alias; asks nobody."""
    return f"{proxy.get_db_host()}:{proxy.get_db_port()}/{proxy.dev_name()}".lower()


def _reading(answer: Any) -> Reading:
    import tango

    if answer.has_failed:
        return Reading(error=reason(answer.get_err_stack()))
    if answer.quality == tango.AttrQuality.ATTR_INVALID:
        return Reading(error="the device says that the value is INVALID")
    quality = answer.quality.name.removeprefix("ATTR_")
    return Reading(plain(answer.value), quality, None, answer.type == tango.CmdArgType.DevEnum)


def plain(value: Any) -> Json:
    """Return the JSON form of what Tango gives: short spectra and images as lists, long ones as a summary."""
    if isinstance(value, tuple) and value and isinstance(_first(value), str):
        rows = [row if isinstance(row, tuple) else (row,) for row in value]
        if sum(len(row) for row in rows) > LONGEST_ARRAY:
            shape = [len(value), len(value[0])] if isinstance(value[0], tuple) else [len(value)]
            return {"shape": shape, "dtype": "str"}
    return jsonable(_as_meant(value))


def _as_meant(value: Any) -> Any:
    """Return the value with its texts as a server in another language meant them."""
    if isinstance(value, str):
        return from_tango(value)
    return tuple(map(_as_meant, value)) if isinstance(value, tuple) else value


def _first(value: Any) -> Any:
    while isinstance(value, tuple) and value:
        value = value[0]
    return value


def _description(config: Any) -> Description:
    unit = "" if config.unit in NO_UNIT else from_tango(config.unit)
    return Description(from_tango(config.label), unit, tuple(map(from_tango, config.enum_labels)))
