"""A live index of the devices and their attributes, which the Tango database does not know."""
