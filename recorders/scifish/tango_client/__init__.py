"""Basics of a Tango client: text, errors, the import of PyTango, its threads at the exit."""
