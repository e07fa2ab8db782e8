"""Scanlog's settings: where SciCat and the logbook are, and what the page needs to know."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from scifish.common.yaml_model import StrictModel, load


class ScanlogSettings(StrictModel):
    """Everything a site can choose. The page itself reads the same keys, without the servers' addresses."""

    scicat: str = Field(
        default="http://127.0.0.1:3000", description="address of SciCat's backend, without `/api`"
    )
    elogy: str | None = Field(default=None, description="address of Elogy, without `/api`; none: no logbook")
    scicat_pages: str | None = Field(
        default=None, description="address of SciCat's own pages, which a scan links to; none: no link"
    )
    title: str = Field(default="Scanlog", max_length=60, description="name at the top of the page")
    time_zone: str | None = Field(
        default=None, description="zone of all times, such as `Europe/Stockholm`; none: that of the browser"
    )

    @field_validator("scicat", "elogy", "scicat_pages")
    @classmethod
    def _is_an_address(cls, address: str | None) -> str | None:
        if address is None:
            return None
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("is no address; write http://host:port, or https://host/path")
        return address.rstrip("/").removesuffix("/api")

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str | None) -> str | None:
        try:
            if name is not None:
                ZoneInfo(name)
        except (ValueError, OSError, KeyError) as error:
            raise ValueError("is no time zone; write one such as Europe/Stockholm") from error
        return name

    def of_the_page(self) -> dict[str, Any]:
        """Return what the page may know: the servers stay behind this one."""
        return {
            "title": self.title,
            "time_zone": self.time_zone,
            "scicat_pages": self.scicat_pages,
            "elogy": self.elogy is not None,
        }


def load_settings(path: Path) -> ScanlogSettings:
    """Read the settings' file, JSON or YAML. Raises scifish's SettingsError, which names file, key, value."""
    return load(ScanlogSettings, path)
