"""The command `scifish`."""
