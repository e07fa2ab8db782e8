"""Configurations from and to elsewhere: YAML, JSON, CSV, a MacroServer's PreScanSnapshot."""
