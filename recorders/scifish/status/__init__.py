"""Where a scan is on its way to the catalogue."""
