"""One look at a Tango device: which attributes it has, and their units."""

import tango

from scidog.advice.advice import Seen
from scifish.snapshot.sardana_element import main_attribute
from scifish.snapshot.tango_device import NO_UNIT
from scifish.tango_client.text import from_tango

_UNDEFINED = frozenset({"DB_DeviceNotDefined", "API_DeviceNotDefined", "DB_AliasNotDefined"})


def look(device: str) -> Seen:
    """Look at a device; of one that does not answer nothing is known, but whether the database knows it."""
    try:
        with tango.EnsureOmniThread():
            return _look(tango.DeviceProxy(device, green_mode=tango.GreenMode.Synchronous))
    except tango.DevFailed as error:
        return Seen(defined=not _UNDEFINED & {one.reason for one in error.args})


def _look(proxy: tango.DeviceProxy) -> Seen:
    found = proxy.attribute_list_query_ex()
    units = {one.name.lower(): "" if one.unit in NO_UNIT else from_tango(one.unit) for one in found}
    return Seen(
        names=tuple(one.name for one in found), units=units, main=main_attribute(proxy.info().dev_class)
    )
