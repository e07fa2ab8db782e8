"""Reading the Tango attributes of a scan within a budget of time."""
