"""Scanlog: a page that shows the scans of the catalogue, live; here the server of its files."""

from scanlog.app import make_app
from scanlog.errors import ScanlogError
from scanlog.settings import ScanlogSettings, load_settings

__all__ = ["ScanlogError", "ScanlogSettings", "load_settings", "make_app"]
