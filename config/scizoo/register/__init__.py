"""Putting servers and devices into the Tango database."""
