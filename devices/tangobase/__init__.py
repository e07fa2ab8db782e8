"""What our Tango servers share: the start of a device and its server."""
