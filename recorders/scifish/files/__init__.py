"""The files of a scan: what the client lists, and waiting for those that are still being written."""
