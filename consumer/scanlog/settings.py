"""Scanlog's settings: where SciCat and the logbook are, and what the page needs to know."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from scifish.common.yaml_model import StrictModel, load


class LogInSettings(StrictModel):
    """Log-in by an issuer such as Keycloak, which SciCat is configured for."""

    scicat: str = Field(description="address of SciCat's backend as browsers reach it, without `/api`")
    client: str = Field(default="scanlog", description="the page's name in SciCat's OIDC_FRONTEND_CLIENTS")
    name: str = Field(
        default="Keycloak", max_length=60, description="what the button says: Log in with <name>"
    )

    @field_validator("scicat")
    @classmethod
    def _is_an_address(cls, address: str) -> str:
        return checked_address(address)


class ScanlogSettings(StrictModel):
    """Everything a site can choose. The page itself reads the same keys, without the servers' addresses."""

    scicat: str = Field(
        default="http://127.0.0.1:3000", description="address of SciCat's backend, without `/api`"
    )
    elogy: str | None = Field(default=None, description="address of Elogy, without `/api`; none: no logbook")
    elogy_pages: str | None = Field(
        default=None, description="address of Elogy's own pages, which an export links to; none: no link"
    )
    scicat_pages: str | None = Field(
        default=None, description="address of SciCat's own pages, which a scan links to; none: no link"
    )
    hints: str | None = Field(
        default=None,
        description="address of SciCow's HTTP, whose hints show a new scan at once; none: polling",
    )
    title: str = Field(default="Scanlog", max_length=60, description="name at the top of the page")
    time_zone: str | None = Field(
        default=None, description="zone of all times, such as `Europe/Stockholm`; none: that of the browser"
    )

    oidc: LogInSettings | None = Field(
        default=None, description="log-in by an issuer such as Keycloak; none: SciCat's own accounts alone"
    )

    @field_validator("scicat", "elogy", "elogy_pages", "scicat_pages", "hints")
    @classmethod
    def _is_an_address(cls, address: str | None) -> str | None:
        return None if address is None else checked_address(address)

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
            "elogy_pages": self.elogy_pages,
            "hints": self.hints is not None,
            "oidc": self.oidc.model_dump() if self.oidc else None,
        }


def checked_address(address: str) -> str:
    """Return the address of a server, without a slash and `/api` at its end. Raises ValueError."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("is no address; write http://host:port, or https://host/path")
    return address.rstrip("/").removesuffix("/api")


def load_settings(path: Path) -> ScanlogSettings:
    """Read the settings' file, JSON or YAML. Raises scifish's SettingsError, which names file, key, value."""
    return load(ScanlogSettings, path)
