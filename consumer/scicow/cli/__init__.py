"""The command `scicow`."""
