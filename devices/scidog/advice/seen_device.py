"""One look at a Tango device: which attributes it has, and their units."""

import tango

from scidog.advice.advice import Seen
from scifish.snapshot.sardana_element import main_attribute
from scifish.snapshot.tango_device import NO_UNIT, full_name
from scifish.tango_client.text import from_tango

_UNDEFINED = frozenset({"DB_DeviceNotDefined", "API_DeviceNotDefined", "DB_AliasNotDefined"})


def look(device: str) -> Seen:
    """Look at a device; of one that does not answer only its name is known, if the database knows it."""
    name = None
    try:
        with tango.EnsureOmniThread():
            proxy = tango.DeviceProxy(device, green_mode=tango.GreenMode.Synchronous)
            name = full_name(proxy)
            return _look(proxy, name)
    except tango.DevFailed as error:
        return Seen(defined=not _UNDEFINED & {one.reason for one in error.args}, device=name)


def _look(proxy: tango.DeviceProxy, name: str) -> Seen:
    found = proxy.attribute_list_query_ex()
    units = {one.name.lower(): "" if one.unit in NO_UNIT else from_tango(one.unit) for one in found}
    return Seen(
        device=name,
        names=tuple(one.name for one in found),
        units=units,
        main=main_attribute(proxy.info().dev_class),
    )
