"""SciCow's settings."""
