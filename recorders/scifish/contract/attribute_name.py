"""The name of an attribute as people write it: Tango's own, or a name of Sardana such as ``mot01``."""

import re

# A Tango database, a device (three parts, or an alias), and the attribute; without it: the main attribute.
_NAME = re.compile(
    r"(?P<device>(?:tango://[^/\s]+/)?(?:[^/\s]+/[^/\s]+/[^/\s]+|[^/\s:#@]+))(?:/(?P<attribute>[^/\s#]+))?"
)
MAIN = ""  # the attribute's name where only a device is named: what Sardana takes for its value
LOOKS = (
    "is no name of an attribute; write domain/family/member/attribute, such as sim/ring/1/Current, "
    "or a name of Sardana, such as mot01 or mot01/velocity"
)


def checked_name(text: str) -> str:
    """Return the name as it is written. Raises ValueError, which says what a name looks like."""
    if not _NAME.fullmatch(text):
        raise ValueError(LOOKS)
    return text


def split(text: str) -> tuple[str, str]:
    """Return the device and the attribute's own name, or `MAIN`, in lower case; an alias as it is written."""
    found = _NAME.fullmatch(text)
    if found is None:
        device, _, attribute = text.rpartition("/")
        return device.lower(), attribute.lower()
    device = found["device"]
    return device.lower() if "/" in device else device, (found["attribute"] or MAIN).lower()


def short_name(text: str) -> str:
    """Return what an item is called that has neither a name nor a label."""
    device, attribute = split(text)
    return text.rpartition("/")[2] if attribute or "/" not in device else text
