"""The settings of sdm: which user office, how long its answers are kept, how directories are made."""

import os
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ConfigDict, Field, field_validator, model_validator

from scifish.common.text_forms import form
from scifish.common.yaml_model import StrictModel, anchor, parse, read_yaml
from scifish.errors import PluginError
from sdm.category import PropType
from sdm.folders.settings import FilePath, StorageSettings
from sdm.sources import OWN, proposal_sources

__all__ = ["FilePath", "StorageSettings"]

CONFIG_VARIABLE = "SDM_CONFIG"
CONFIG_FILE = Path("/etc/scizoo/sdm.yaml")
NO_OFFICE = (
    f"no user office is set; write the section proposals into {CONFIG_FILE}, or into the file that "
    f"${CONFIG_VARIABLE} names"
)
DAY = 86_400.0
URL_PATTERN = form(r"^https?://[^\s@?#]+$", "https://host/path, without an account, token or query")


Seconds = Annotated[float, Field(ge=0, le=3650 * DAY)]


class _Settings(StrictModel):
    model_config = ConfigDict(hide_input_in_errors=True)


class FileSettings(_Settings):
    """Proposals in a YAML file, the embedded default."""

    path: FilePath = Field(description="the YAML file with the proposals; read again when it changed")


class OfficeHttpSettings(_Settings):
    """What every office over HTTP has."""

    url: str = Field(pattern=URL_PATTERN, description="base address, without a token or query")
    timeout: float = Field(
        default=5.0, gt=0, le=DAY, description="seconds that one request may take as a whole"
    )
    attempts: int = Field(default=3, ge=1, le=10, description="requests before giving up")
    wait: Seconds = Field(
        default=0.3, le=DAY, description="seconds before the second attempt, doubled for each next"
    )
    staff_codes: tuple[str, ...] = Field(default=(), description="codes of staff (commissioning) proposals")
    types: dict[str, PropType] = Field(
        default={}, description="the office's own words for a type, and the initial that each means"
    )


class DuoFields(_Settings):
    """How DUO's own names differ at this site: the names of one row of `CalendarInfos/proposals`."""

    proposal: str = "proposal"
    title: str = "title"
    abstract: str = "abstract"
    beamline: str = "beamline"
    group: str = "pgroup"
    code: str = "code"
    prop_type: str = "prop_type"
    category: str = "category"
    experiment_account: str = "eaccount"
    schedule: str = "schedule"


class DuoSettings(OfficeHttpSettings):
    """The user office DUO over REST."""

    token_file: FilePath | None = Field(default=None, description="file that holds the API token")
    token_variable: str = Field(default="DUO_TOKEN", description="environment variable with the token")
    facilities: tuple[str, ...] = Field(default=(), description="DUO's facilities to ask; none: all of them")
    years: int = Field(default=3, ge=1, description="how many years back from today are searched")
    listing: Seconds = Field(default=60.0, description="seconds for which a year's list is used again")
    fields: DuoFields = Field(default=DuoFields(), description="names of the fields at this site")


class ScicatProposalsSettings(OfficeHttpSettings):
    """SciCat's own proposals."""

    username: str | None = Field(default=None, description="functional account; none: a token")
    password_file: FilePath | None = Field(default=None, description="file that holds its password")
    password_variable: str = Field(
        default="SCICAT_PASSWORD", description="environment variable with the password"
    )
    token_file: FilePath | None = Field(default=None, description="file that holds a long-lived token")
    token_variable: str = Field(default="SCICAT_TOKEN", description="environment variable with the token")


class CacheSettings(_Settings):
    """How long answers are used, so that the beamline works while the office is down."""

    folder: FilePath | None = Field(
        default=None, description="none: scizoo/proposals in $XDG_CACHE_HOME or ~/.cache"
    )
    fresh: Seconds = Field(default=600.0, description="seconds for which an answer is used without asking")
    grace: Seconds = Field(
        default=7 * DAY, description="seconds for which it is used, marked stale, while the office is down"
    )
    retry: Seconds = Field(default=30.0, description="seconds before an office that failed is asked again")
    unknown: Seconds = Field(default=30.0, description="seconds for which `not known` is believed")


class ProposalsSettings(_Settings):
    """Where proposals come from. `sdm.open_proposals` makes a `Proposals` of it."""

    source: str = Field(
        default="file",
        description="the user office: file, duo, scicat, or the name that another package brings",
    )
    zone: str = Field(default="UTC", description="time zone of the facility, such as Europe/Zurich")
    file: FileSettings | None = Field(default=None, description="settings of the source `file`")
    duo: DuoSettings | None = Field(default=None, description="settings of the source `duo`")
    scicat: ScicatProposalsSettings | None = Field(
        default=None, description="settings of the source `scicat`"
    )
    options: dict[str, Any] = Field(default={}, description="settings of a source of another package")
    cache: CacheSettings = Field(default=CacheSettings(), description="how long answers are kept")

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"time zone {zone!r} is not known here; write one like Europe/Zurich") from error
        return zone

    @model_validator(mode="after")
    def _chosen_source_is_set(self) -> "ProposalsSettings":
        if self.source not in OWN:
            known = _installed_sources()
            if self.source not in known:
                raise ValueError(
                    f"source is {self.source!r}, which is none here; write one of {', '.join(known)}, "
                    "or install the package that brings it"
                )
        elif getattr(self, self.source) is None:
            raise ValueError(f"source is {self.source!r}, but there is no section {self.source!r}; add it")
        return self


def _installed_sources() -> tuple[str, ...]:
    try:
        return tuple(proposal_sources())
    except PluginError as error:
        raise ValueError(str(error)) from error


class SdmSettings(_Settings):
    """The whole settings file of sdm."""

    proposals: ProposalsSettings | None = Field(default=None, description="the user office")
    storage: StorageSettings = Field(default=StorageSettings(), description="the directories")


def load_settings(path: Path) -> SdmSettings:
    """Read a settings file; paths in it are relative to its folder. Raises SettingsError."""
    document = read_yaml(path)
    anchor(document, PATH_KEYS, path.absolute().parent)
    return parse(SdmSettings, document, str(path), file=path)


def find_settings(host_file: Path = CONFIG_FILE) -> SdmSettings:
    """Read the file named by SDM_CONFIG, else the host's file, else the defaults. Raises SettingsError."""
    named = os.environ.get(CONFIG_VARIABLE)
    if named:
        return load_settings(Path(named))
    return load_settings(host_file) if host_file.exists() else SdmSettings()


PATH_KEYS = frozenset({"path", "folder", "root", "token_file", "password_file", "tokenFile", "passwordFile"})
