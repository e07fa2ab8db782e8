"""The files that clients list: each becomes a `File`, or a file to wait for, or a problem."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone

from pydantic import ValidationError

from scifish.common.text_forms import sentence
from scifish.contract.json_form import jsonable, text
from scifish.contract.message import File


@dataclass(frozen=True)
class FileList:
    """What a client's list of files holds."""

    files: tuple[File, ...] = ()
    awaited: tuple[str, ...] = field(default=(), metadata={"doc": "paths without size and time"})
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Absent:
    """A file that was waited for in vain, and why."""

    path: str
    reason: str = "did not come"

    def __str__(self) -> str:
        """Return the sentence for the entry's problems."""
        return f"file {self.path} {self.reason}"


def not_there_yet(path: str) -> str:
    """Return the sentence for a file that is still awaited."""
    return f"file {path} was not there yet"


def file_list(value: object) -> FileList:
    """Read a client's `files`: ``{"path", "time", "size"}`` each, or a bare path. Never raises."""
    files: list[File] = []
    awaited: list[str] = []
    problems: list[str] = []
    for number, one in enumerate(_each(value)):
        if isinstance(one, File):
            files.append(one)
        elif (bare := _bare_path(one)) is not None:
            awaited.append(bare)
        else:
            try:
                files.append(_file(one))
            except (ValueError, TypeError, KeyError, OverflowError) as error:
                problems.append(
                    f"files[{number}] was left out, it is {jsonable(one)!r:.200}: {_reason(error)}"
                )
    return FileList(tuple(files), tuple(awaited), tuple(problems))


def listed_paths(value: object) -> tuple[str, ...]:
    """Return every path in a client's `files`, whatever else is wrong with them. Never raises."""
    named = (one.path if isinstance(one, File) else _named(one) for one in _each(value))
    return tuple(path for path in named if path)


def united(*lists: Iterable[File]) -> tuple[File, ...]:
    """Return all files, one for each path: the one with the later time."""
    found: dict[str, File] = {}
    for files in lists:
        for one in files:
            if one.path not in found or one.time >= found[one.path].time:
                found[one.path] = one
    return tuple(found.values())


def _each(value: object) -> list[object]:
    if value is None:
        return []
    if isinstance(value, str | bytes | os.PathLike | Mapping | File):
        return [value]
    return list(value) if isinstance(value, Iterable) else [value]


def _bare_path(one: object) -> str | None:
    """Return the path of an entry that has no size and no time."""
    if isinstance(one, Mapping) and (one.get("size") is not None or one.get("time") is not None):
        return None
    return _named(one)


def _named(one: object) -> str | None:
    if isinstance(one, Mapping):
        one = one.get("path")
    return os.fsdecode(one) or None if isinstance(one, str | bytes | os.PathLike) else None


def _file(one: object) -> File:
    if not isinstance(one, Mapping):
        raise TypeError("write {'path', 'size', 'time'} or a path")
    missing = [name for name in ("path", "size", "time") if one.get(name) is None]
    if missing:
        raise ValueError(f"no {', '.join(missing)}")
    return File(path=text(os.fspath(one["path"])) or "", size=int(one["size"]), time=_time(one["time"]))


def _time(value: object) -> datetime:
    """Return the time of a file; a text without a zone is UTC, a number is seconds since 1970."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=timezone.utc)
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, tz=timezone.utc)
    moment = datetime.fromisoformat(str(value).strip().replace("Z", "+00:00").replace("z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"{first['loc'][0]}: {sentence(first)}"
    return str(error)
