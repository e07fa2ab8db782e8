"""Settings of the catalogue's side of SciCow: how to reach SciCat, and what its datasets look like."""

import logging
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, model_validator

from scicow.settings.address import check_address
from scifish.common.yaml_model import StrictModel

logger = logging.getLogger(__name__)

_DAY, _MONTH = 86_400, 30 * 86_400  # seconds: no thread can wait for ever
PLACES = ("beamline", "proposal", "category", "visit", "group")


def _known_places(template: str) -> str:
    """Return a template that names only what there is. Raises ValueError."""
    try:
        template.format_map(dict.fromkeys(PLACES, ""))
    except (KeyError, IndexError, ValueError) as error:
        names = ", ".join(f"{{{name}}}" for name in PLACES)
        raise ValueError(f"template {template!r} names {error}; it may name {names}") from error
    return template


Template = Annotated[str, AfterValidator(_known_places)]


class ScicatSettings(StrictModel):
    """How SciCat is reached; the password or the token comes from a file or the environment."""

    url: str = Field(description="address of the backend, without /api")
    ca_file: Path | None = Field(
        default=None,
        description="certificate authorities that an https server is checked by; else the system's",
    )
    username: str | None = Field(default=None, description="functional account")
    password: SecretStr | None = Field(default=None, description="its password; better a file or environment")
    password_file: Path | None = Field(default=None, description="file that holds the password")
    token_file: Path | None = Field(default=None, description="file that holds a long-lived token; no log-in")
    login: str = Field(default="auth/login", description="log-in path below /api/v3: auth/login or auth/ldap")
    connect_timeout: float = Field(default=5.0, gt=0, le=_DAY, description="seconds to connect")
    timeout: float = Field(default=30.0, gt=0, le=_DAY, description="seconds for a request with its answer")
    timeout_per_megabyte: float = Field(
        default=20.0,
        ge=0,
        le=3600,
        description="seconds more for each megabyte of a dataset: units are converted",
    )
    connections: int = Field(default=32, ge=1, description="requests at the same time, at most")
    body_limit: int = Field(default=16_000_000, ge=1000, description="bytes SciCat takes in one request")
    login_retry: float = Field(
        default=60.0, gt=0, le=_MONTH, description="seconds between log-ins that are refused"
    )
    breaker: dict[str, float] | None = Field(default=None, description="counts no more; remove it")

    @model_validator(mode="after")
    def _address(self) -> "ScicatSettings":
        check_address(self.url)  # here, for an error of the field itself would show what it holds
        return self

    @model_validator(mode="after")
    def _no_breaker(self) -> "ScicatSettings":
        if self.breaker is not None:
            logger.warning("scicat.breaker counts no more: the beamline queues slow down alone; remove it")
        return self

    @model_validator(mode="after")
    def _one_way_in(self) -> "ScicatSettings":
        secrets = [name for name in ("password", "password_file", "token_file") if getattr(self, name)]
        if len(secrets) != 1:
            raise ValueError("give exactly one of password_file, token_file or password (environment)")
        if self.token_file is None and self.username is None:
            raise ValueError("username is missing; it goes with the password")
        return self


class IngestSettings(StrictModel):
    """What a dataset looks like at this site.

    Templates may use `{beamline}`, `{proposal}`, `{category}`, `{visit}` and `{group}`, the proposal's group.
    """

    pid_prefix: str = Field(default="", description="put before the message's pid, for example 20.500.12345/")
    pid_shape: Literal["upper", "lower"] = Field(default="upper", description="letters of the pid")
    owner_group: Template = Field(default="{group}", description="template of the owner group")
    proposal_group: Template = Field(
        default="{proposal}-group", description="what {group} is when the office names no group"
    )
    fallback_group: str = Field(default="ingestor", description="owner group until the proposal's is known")
    staff_group: Template = Field(default="{beamline}", description="template: owner group of staff scans")
    group_without_proposal: str | None = Field(
        default=None, description="owner group of scans without a proposal; none: they go to quarantine"
    )
    access_groups: tuple[Template, ...] = Field(
        default=("{beamline}",), description="templates: access groups"
    )
    instrument_group: Template | None = Field(default=None, description="template of the instrument group")
    creation_location: Template = Field(default="{beamline}", description="template of creationLocation")
    source_folder: str = Field(
        default="unknown", min_length=1, description="sourceFolder when the message has none"
    )
    source_folder_host: str | None = Field(default=None, description="sourceFolderHost: a URL")
    contact_email: str = Field(
        default="scicat@localhost.localdomain",
        min_length=1,
        description="contact when the proposal has no e-mail",
    )
    principal_investigator: str = Field(
        default="unknown", min_length=1, description="when the proposal has none"
    )
    keywords: tuple[Template, ...] = Field(default=(), description="templates of keywords of every dataset")
    fields: dict[str, Any] = Field(
        default_factory=dict, description="more SciCat fields, as they are (license, classification)"
    )
    lifecycle: dict[str, Any] = Field(default_factory=dict, description="members of datasetlifecycle")
    invalid_proposal: Literal["quarantine", "mark"] = Field(
        default="quarantine", description="proposal not valid at this beamline and time"
    )
    office_memory: float = Field(
        default=5.0,
        ge=0,
        le=_MONTH,
        description="seconds for which a fresh answer about a proposal is used again",
    )
    visit_margin: float = Field(
        default=12.0, ge=0, le=87_600, description="hours before and after a visit in which it is still valid"
    )
    proposals: bool = Field(default=True, description="create and refresh SciCat's proposal records")
    proposal_text: bool = Field(default=True, description="the proposal's title and abstract in the metadata")
    samples: bool = Field(default=True, description="create samples that SciCat does not have")
    instruments: bool = Field(default=True, description="create instruments that SciCat does not have")
    relative_paths: bool = Field(
        default=False, description="file paths relative to sourceFolder, as SciCat's downloads want them"
    )
    rights_group: str = Field(
        default="scicow-rights-check",
        description="owner group of the dataset that tests SciCow's rights at start: one like the proposals'",
    )
    files_per_datablock: int = Field(default=20_000, ge=1, description="files in one datablock")
    bytes_per_datablock: int = Field(default=200_000_000_000, ge=1, description="bytes in one datablock")
    files_per_dataset: int = Field(default=500_000, ge=1, description="files in one dataset; more are marked")
    remembered_bytes: int = Field(
        default=64_000_000, ge=0, description="memory for datasets just written, so that they need no reading"
    )
