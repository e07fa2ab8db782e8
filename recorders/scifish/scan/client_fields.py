"""What a client has written into the fields, in the form that a message takes. Nothing here raises."""

import getpass
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, get_args

from scifish.common.clock import with_zone
from scifish.contract.json_form import jsonable, jsonable_object, text
from scifish.contract.message import Environment, ExitStatus, dataset_members
from scifish.contract.metadata import Metadata
from scifish.fields import DatasetFields, EnvironmentFields
from scifish.files.file_list import FileList, file_list, listed_paths

EXIT_STATUSES: tuple[str, ...] = get_args(ExitStatus)
_OWN = frozenset({"proposalId", *dataset_members()})


@dataclass(frozen=True)
class ClientFields:
    """The client's fields at one moment, safe from later changes."""

    name: str | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    proposal_id: str | None = None
    source_folder: str | None = None
    category: str | None = None
    dataset: dict[str, Any] = field(default_factory=dict)
    metadata: Metadata = field(default_factory=dict)
    environment: Environment = field(default_factory=Environment)
    files: FileList = field(default_factory=FileList)
    problems: tuple[str, ...] = ()


def written(dataset: DatasetFields, environment: EnvironmentFields) -> ClientFields:
    """Read the fields as they are now."""
    values = dataset.values()
    files = file_list(values.get("files"))
    around, problems = _environment(environment.values())
    start_time, start_problem = _moment(values, "startTime")
    end_time, end_problem = _moment(values, "endTime")
    return ClientFields(
        name=_name(values, around),
        start_time=start_time,
        end_time=end_time,
        proposal_id=filled(values.get("proposalId")),
        source_folder=filled(values.get("sourceFolder")),
        category=_category(values),
        dataset=_dataset(values),
        metadata=_metadata(values.get("scientificMetadata")),
        environment=around,
        files=files,
        problems=(*problems, *start_problem, *end_problem, *files.problems),
    )


def whose(dataset: DatasetFields) -> ClientFields:
    """Read only what can make a scan proprietary: that is looked at whenever a client sets it."""
    values = dataset.values()
    return ClientFields(
        proposal_id=filled(values.get("proposalId")),
        source_folder=filled(values.get("sourceFolder")),
        category=_category(values),
        files=FileList(awaited=listed_paths(values.get("files"))),
    )


def exit_status(value: object) -> tuple[ExitStatus | None, str | None]:
    """Return a known exit status, or None and what is wrong with it."""
    said = text(value)
    if said is None or said in EXIT_STATUSES:
        return said, None  # type: ignore[return-value]  # it is one of them
    return None, f"exit status {said!r} is none of {', '.join(EXIT_STATUSES)}"


def _category(values: Mapping[str, Any]) -> str | None:
    return (filled(values.get("category")) or "").lower() or None


def _metadata(value: object) -> Metadata:
    return {} if value is None else jsonable_object(value)


def _name(values: Mapping[str, Any], around: Environment) -> str | None:
    return filled(values.get("datasetName")) or around.title or _numbered(around.scan_id)


def _moment(values: Mapping[str, Any], name: str) -> tuple[datetime | None, tuple[str, ...]]:
    """Return a time that the client knows better than the clock: of an acquisition that is long over."""
    value = values.get(name)
    if value is None:
        return None, ()
    try:
        return with_zone(value if isinstance(value, datetime) else datetime.fromisoformat(_plain(value))), ()
    except (ValueError, OverflowError):
        return None, (f"{name} {jsonable(value)!r:.100} is no ISO 8601 time; the time of recording is given",)


def _plain(value: object) -> str:
    return (text(value) or "").strip().replace("Z", "+00:00")


def _numbered(scan_id: int | None) -> str | None:
    return None if scan_id is None else f"scan {scan_id}"


def _dataset(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the optional fields by the message's names; what SciCat does not know is kept as well."""
    extra = {name: jsonable(value) for name, value in values.items() if name not in _OWN}
    known = {name: form(values.get(name)) for name, form in _OPTIONAL.items()}
    return {**extra, **known}


def _environment(values: Mapping[str, Any]) -> tuple[Environment, list[str]]:
    number, number_problem = _scan_id(values.get("scanID"))
    status, status_problem = exit_status(values.get("exitStatus"))
    own = {"title", "scanID", "detectors", "user", "exitStatus"}
    extra = {name: jsonable(value) for name, value in values.items() if name not in own}
    around = Environment.model_validate(
        {
            **extra,
            "title": filled(values.get("title")),
            "scanID": number,
            "detectors": texts(values.get("detectors")),
            "user": filled(values.get("user")) or _user(),
            "exitStatus": status,
        }
    )
    return around, [problem for problem in (number_problem, status_problem) if problem]


def _scan_id(value: object) -> tuple[int | None, str | None]:
    if value is None:
        return None, None
    try:
        return int(value), None  # type: ignore[call-overload]  # what int() refuses is reported
    except (TypeError, ValueError, OverflowError):
        return None, f"scanID {jsonable(value)!r:.100} is no number"


def filled(value: object) -> str | None:
    """Return a text, or None for an empty one."""
    return (text(value) or "").strip() or None


def texts(value: object) -> tuple[str, ...]:
    """Return one text or several, without empty ones."""
    form = jsonable(value)
    each = form if isinstance(form, list) else [] if form is None else [form]
    return tuple(said for one in each if (said := filled(one)))


def _techniques(value: object) -> tuple[dict[str, str], ...]:
    form = jsonable(value)
    each = form if isinstance(form, list) else []
    return tuple({name: str(item) for name, item in one.items()} for one in each if isinstance(one, dict))


@lru_cache(maxsize=1)
def _user() -> str | None:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return None  # a container's user may have no name


# How a client's value becomes a member of the message, by the member's type. Name, folder and times are
# more than their value: `ClientFields` has them one by one.
_FORMS: dict[Any, Callable[[object], Any]] = {
    str | None: filled,
    tuple[str, ...]: texts,
    tuple[dict[str, str], ...]: _techniques,
}
_OPTIONAL = {
    name: _FORMS[kind]
    for name, kind in dataset_members().items()
    if kind in _FORMS and name != "sourceFolder"
} | {"description": text}
