"""SciCow's settings: one frozen document from a YAML file, with overrides from the environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, IPvAnyNetwork, ValidationError, model_validator

from scicow.dead_letters.release import QuarantineSettings
from scicow.kafka.settings import GroupSettings
from scicow.logs import LogSettings
from scicow.settings.catalogue import IngestSettings, ScicatSettings
from scicow.sources.outbox import OutboxSourceSettings
from scicow.work.retry import RetrySettings
from scicow.work.workers import WorkerSettings
from scifish.common.yaml_model import StrictModel, anchor, parse, read_yaml
from scifish.errors import SettingsError
from sdm.settings import PATH_KEYS, ProposalsSettings, load_settings

PREFIX = "SCICOW__"
PATHS = PATH_KEYS | {"state", "ca_file", "certificate_file", "key_file", "key_password_file", "secret_files"}
_SECRETS = frozenset({"password", "token"})  # any text may be one, also one that begins as YAML does


class HealthSettings(StrictModel):
    """Where /health, /ready, /metrics and, for a page at the beamline, /hints answer."""

    host: str = Field(default="127.0.0.1", description="address to listen on; 0.0.0.0 in a container")
    port: int = Field(default=9464, ge=0, le=65535, description="port; 0 takes a free one and logs it")
    hints: tuple[IPvAnyNetwork, ...] = Field(
        default=(), description="networks from which one may listen to hints of new scans; none: no hints"
    )
    hint_subscribers: int = Field(default=16, ge=1, le=1000, description="who may listen at a time")


class SciCowSettings(StrictModel):
    """All settings of SciCow."""

    source: Literal["kafka", "outbox"] = Field(default="kafka", description="where messages come from")
    kafka: GroupSettings | None = Field(default=None, description="the broker, with source kafka")
    outbox: OutboxSourceSettings | None = Field(default=None, description="the outbox, with source outbox")
    scicat: ScicatSettings = Field(description="the catalogue")
    ingest: IngestSettings = Field(default=IngestSettings(), description="what a dataset looks like here")
    proposals: ProposalsSettings = Field(
        description="the user office, as sdm's settings; or the path of sdm's settings file"
    )
    workers: WorkerSettings = Field(
        default=WorkerSettings(),
        description="work at the same time, memory",
        json_schema_extra={"formerly": "lanes"},
    )
    retry: RetrySettings = Field(default=RetrySettings(), description="how failures are retried")
    quarantine: QuarantineSettings = Field(default=QuarantineSettings(), description="rounds of release")
    http: HealthSettings = Field(default=HealthSettings(), description="health and metrics")
    log: LogSettings = Field(default=LogSettings(), description="the log")

    @model_validator(mode="after")
    def _chosen_source_is_set(self) -> "SciCowSettings":
        if getattr(self, self.source) is None:
            raise ValueError(f"source is {self.source!r}, but there is no section {self.source!r}; add it")
        return self


def load(path: Path, environment: Mapping[str, str] = os.environ) -> SciCowSettings:
    """Read the settings; paths in the file are relative to its folder. Raises SettingsError.

    ``SCICOW__SCICAT__URL=…`` in the environment is ``scicat.url``, and goes before the file.
    """
    document = read_yaml(path)
    anchor(document, PATHS, path.absolute().parent)
    variables = override(document, environment)
    if isinstance(document.get("proposals"), str):
        document["proposals"] = _proposals_of(path.absolute().parent / document["proposals"])
    try:
        return parse(SciCowSettings, document, str(path), file=path)
    except SettingsError as error:
        guilty = [name for name, place in variables.items() if _is_about(error, place)]
        if not guilty:
            raise
        raise SettingsError(f"{error}; correct {', '.join(guilty)} in the environment") from error


def override(document: dict[str, Any], environment: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Put the environment's values into the document; lists and mappings are written as YAML.

    Return the variables, each with its place in the document. Raises SettingsError.
    """
    names = sorted(name for name in environment if name.startswith(PREFIX))
    return {name: _put(document, name, environment[name]) for name in names}


def _put(document: dict[str, Any], name: str, text: str) -> tuple[str, ...]:
    words = name[len(PREFIX) :].lower().split("__")
    if not all(words):
        raise SettingsError(f"{name}: names no setting; write {PREFIX}<SECTION>__<KEY>, or remove it")
    section, place = document, []
    for word in words[:-1]:
        place.append(_written(section, word))
        section = section.setdefault(place[-1], {})
        if not isinstance(section, dict):
            raise SettingsError(f"{name}: {word!r} is no section; remove the variable or the key")
    place.append(_written(section, words[-1]))
    section[place[-1]] = text if words[-1] in _SECRETS else _value(name, text)
    return tuple(place)


def _is_about(error: SettingsError, place: tuple[str, ...]) -> bool:
    """Tell whether the error is about what stands at `place`, within it, or about what it is within."""
    cause = error.__cause__
    wrong = [one["loc"] for one in cause.errors()] if isinstance(cause, ValidationError) else []
    return any(found[: len(place)] == place[: len(found)] for found in wrong if found or len(place) == 1)


def _written(section: Mapping[str, Any], key: str) -> str:
    """Return how the file writes `key`: ``token_file`` is the environment's TOKENFILE or TOKEN_FILE."""
    plain = key.replace("_", "")
    return next((one for one in section if str(one).replace("_", "").lower() == plain), key)


def _value(name: str, text: str) -> Any:
    if text[:1] not in "[{" or not text:
        return text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        shown = repr(text) if text.startswith("[") else "the value"  # a mapping may hold a password
        raise SettingsError(f"{name}: {shown} is not YAML; correct its brackets") from error


def _proposals_of(path: Path) -> ProposalsSettings:
    found = load_settings(path).proposals
    if found is None:
        raise SettingsError(f"{path}: has no section 'proposals'; add it")
    return found
