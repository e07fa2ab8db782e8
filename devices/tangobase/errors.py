"""What is wrong with a device's set-up."""


class PropertyError(Exception):
    """A property of the device is missing or wrong: somebody has to correct it."""
