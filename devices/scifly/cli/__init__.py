"""The command `scifly`: what is read in a file, without Tango."""
