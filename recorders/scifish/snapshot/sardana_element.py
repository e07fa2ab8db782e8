"""Which attribute of a Sardana element is its value, as Sardana itself takes it (`get_default_attribute`)."""

# By the element's Tango class.
_MAIN = {
    "Motor": "position",
    "PseudoMotor": "position",
    "MotorGroup": "position",
    "CTExpChannel": "value",
    "ZeroDExpChannel": "value",
    "OneDExpChannel": "value",
    "TwoDExpChannel": "value",
    "PseudoCounter": "value",
    "IORegister": "value",
}


def main_attribute(tango_class: str) -> str | None:
    """Return the name of an element's main attribute; None: no element of this class has one."""
    return _MAIN.get(tango_class)
