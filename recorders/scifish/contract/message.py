"""The message between SciFish and SciCow: one state of one scan.

A message carries the whole state of the entry as known when it was made (only `dataset.files` may be spread
over parts), so any order and any repetition end in the same dataset: the highest `sequence` wins, files are
united.
"""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, ValidationError

from scifish.common.clock import iso
from scifish.common.text_forms import form, sentence
from scifish.errors import MessageError

MAJOR, MINOR = 1, 2
SCHEMA = f"scizoo-message/{MAJOR}.{MINOR}"
SCHEMA_PATTERN = form(r"^scizoo-message/[0-9]+\.[0-9]+$", "scizoo-message/ and a version, such as 1.0")
PID_PATTERN = form(
    r"^[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$",
    "a UUID of version 4 in upper case",
)
BEAMLINE_PATTERN = form(
    r"^[a-z0-9][a-z0-9_-]{0,62}$", "1 to 63 of a-z, 0-9, _ and -, a letter or digit first, such as b303a"
)
PREFIX_PATTERN = form(r"^[A-Za-z0-9_-]+$", "letters, digits, _ and -, such as metadata")

Event = Literal["start", "update", "end"]
Category = Literal["visitors", "staff", "proprietary"]
ExitStatus = Literal["normal", "stopped", "aborted", "exception", "interrupted"]
Time = Annotated[AwareDatetime, PlainSerializer(iso, return_type=str)]


class _Part(BaseModel):
    """A tolerant reader: members that a newer minor version added are kept, not refused."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)


class Producer(_Part):
    """Who recorded the scan."""

    name: str
    version: str
    host: str
    orchestrator: str | None = None


class ProposalReference(_Part):
    """The proposal as the producer knew it; `reason` says why something is unknown."""

    id: str | None = None
    visit: str | None = None
    category: Category | None = None
    reason: str | None = None


class ConfigurationReference(_Part):
    """The SciDog configuration of the items; `rule` says which rule chose it, `reason` why there was none."""

    name: str | None = None
    revision: int | None = None
    reason: str | None = None
    rule: str | None = None


class File(_Part):
    """One data file: path, size in bytes, time of its last change."""

    path: str = Field(min_length=1)
    size: int = Field(ge=0)
    time: Time


class AwaitedFile(_Part):
    """A file that is to come; after `until` it is reported as missing (None: not decided yet)."""

    path: str
    until: Time | None = None


class Dataset(_Part):
    """What becomes the SciCat dataset; a leaf of `scientificMetadata` is a value or {value, unit, error}."""

    dataset_name: str = Field(alias="datasetName", min_length=1)
    description: str | None = None
    source_folder: str | None = Field(default=None, alias="sourceFolder")
    data_format: str | None = Field(default=None, alias="dataFormat")
    sample_id: str | None = Field(default=None, alias="sampleId")
    instrument: str | None = None
    keywords: tuple[str, ...] = ()
    techniques: tuple[dict[str, str], ...] = ()
    start_time: Time = Field(alias="startTime")
    end_time: Time | None = Field(default=None, alias="endTime")
    files: tuple[File, ...] = ()
    scientific_metadata: dict[str, Any] = Field(default_factory=dict, alias="scientificMetadata")


def dataset_members() -> dict[str, Any]:
    """Return the members of `dataset` by the names that clients write, each with its type."""
    return {field.alias or name: field.annotation for name, field in Dataset.model_fields.items()}


class Environment(_Part):
    """How the scan was run; orchestrators may add members (motors, counters, points, ...)."""

    title: str | None = None
    scan_id: int | None = Field(default=None, alias="scanID")
    detectors: tuple[str, ...] = ()
    user: str | None = None
    exit_status: ExitStatus | None = Field(default=None, alias="exitStatus")


class Message(_Part):
    """One state of one scan; the Kafka key is `pid`, the topic is the beamline's."""

    schema_: str = Field(default=SCHEMA, alias="schema", pattern=SCHEMA_PATTERN)
    event: Event
    pid: str = Field(pattern=PID_PATTERN)
    sequence: int = Field(ge=0)
    part: int = Field(default=0, ge=0)
    parts: int = Field(default=1, ge=1)
    beamline: str = Field(pattern=BEAMLINE_PATTERN)
    sent_at: Time = Field(alias="sentAt")
    producer: Producer
    proposal: ProposalReference
    configuration: ConfigurationReference = Field(default_factory=ConfigurationReference)
    dataset: Dataset
    environment: Environment = Field(default_factory=Environment)
    problems: tuple[str, ...] = ()
    awaited: tuple[AwaitedFile, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the message as compact UTF-8 JSON; members that are not known are null."""
        return self.model_dump_json(by_alias=True).encode()


def read_message(body: bytes) -> Message:
    """Read a message. Raises MessageError for what is no JSON, not our schema, or a newer major version."""
    try:
        message = Message.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "message"
        raise MessageError(f"{where}: {sentence(first)}") from error
    major = int(message.schema_.partition("/")[2].partition(".")[0])
    if major != MAJOR:
        raise MessageError(f"schema {message.schema_} is not {MAJOR}.x: update SciCow to read it")
    return message
