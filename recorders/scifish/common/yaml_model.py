"""YAML documents as pydantic models: an error names file, key and value, and the nearest right key."""

import difflib
import logging
import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeGuard, TypeVar, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError

from scifish.common.masking import is_secret
from scifish.common.text_forms import sentence
from scifish.common.yaml_text import YamlText, snake_case
from scifish.errors import SettingsError

MOST_PROBLEMS = 10  # that one error names
Model = TypeVar("Model", bound=BaseModel)
log = logging.getLogger(__name__)


def whole_path(path: Path) -> Path:
    """Return a path with its ``~`` replaced. Raises ValueError for one that depends on the current folder."""
    full = Path(os.path.expanduser(path))  # noqa: PTH111 - Path's raises for a user without a home
    if not full.is_absolute():
        raise ValueError("write the whole path, beginning with / or ~/")
    return full


def anchor(section: dict[str, Any], keys: Collection[str], folder: Path) -> None:
    """Make the paths below these keys in a document relative to `folder`, where its file is."""
    for key, value in section.items():
        if isinstance(value, dict):
            anchor(value, value.keys() if key in keys else keys, folder)
        elif key in keys and isinstance(value, str):
            section[key] = str(folder / Path(value).expanduser())


class StrictModel(BaseModel):
    """A frozen document that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds a mapping; an empty file is an empty mapping. Raises SettingsError."""
    document = _yaml_text(path).data
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise SettingsError(f"{path}: holds a {type(document).__name__}; write `key: value` lines")
    return document


def _yaml_text(path: Path) -> YamlText:
    try:
        return YamlText(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read ({error.strerror}); check the path and its rights"
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8 text (byte {error.start}); save it as UTF-8") from error


def parse(
    model: type[Model],
    data: Mapping[str, Any],
    source: str,
    *,
    file: Path | None = None,
    text: YamlText | None = None,
) -> Model:
    """Make a `model` of `data`; `source` (a file, a device) begins the message of a SettingsError.

    `file`, or `text`, is the YAML that the data were read from: errors name the line. A key that was renamed
    (``json_schema_extra={"formerly": "old"}``), or is written in camelCase, is taken with a warning.
    """
    current = with_current_names(model, data, source)
    try:
        return model.model_validate(current)
    except ValidationError as error:
        wrong = error.errors(include_url=False)
        text = text or (_readable(file) if file is not None else None)
        problems = [f"{_line(text, one['loc'])}{_problem(model, dict(one))}" for one in wrong[:MOST_PROBLEMS]]
        more = [f"and {len(wrong) - MOST_PROBLEMS} more"] if len(wrong) > MOST_PROBLEMS else []
        raise SettingsError(f"{source}: {'; '.join(problems + more)}") from error


def with_current_names(
    model: type[BaseModel], data: Mapping[str, Any], source: str, section: str = ""
) -> dict[str, Any]:
    """Return the data with the names that the fields have now; log each former one. Raises SettingsError."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    former = {
        str(field.json_schema_extra["formerly"]): name
        for name, field in fields.items()
        if isinstance(field.json_schema_extra, dict) and "formerly" in field.json_schema_extra
    }
    current: dict[str, Any] = {}
    for key, value in data.items():
        name = former.get(key) or (
            snake_case(key) if key not in fields and snake_case(key) in fields else key
        )
        if name != key:
            if name in data:
                raise SettingsError(
                    f"{source}: {section}{key} is the former name of {section}{name}; remove one"
                )
            log.warning(
                "%s: %s is called %s now; change it, the old name ends with the next release",
                source,
                f"{section}{key}",
                f"{section}{name}",
            )
        inner = _model_in(fields[name].annotation) if name in fields else None
        if inner is not None and isinstance(value, Mapping):
            current[name] = with_current_names(inner, value, source, f"{section}{name}.")
        else:
            current[name] = value
    return current


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model that an annotation is, or may be: ``Model``, ``Model | None``."""
    kinds = (annotation, *getattr(annotation, "__args__", ()))
    return next((kind for kind in kinds if is_model(kind)), None)


def load(model: type[Model], path: Path) -> Model:
    """Read a YAML file as a `model`. Raises SettingsError."""
    return parse(model, read_yaml(path), str(path), file=path)


def _readable(file: Path) -> YamlText | None:
    try:
        return _yaml_text(file)
    except SettingsError:
        return None


def _line(text: YamlText | None, place: Sequence[str | int]) -> str:
    line = text.line_of(place) if text is not None else None
    return f"line {line}: " if line else ""


def line_of(file: Path, place: Sequence[str | int]) -> int | None:
    """Return the line (from 1) of what stands at `place`, or of the last part of it that stands there."""
    text = _readable(file)
    return text.line_of(place) if text is not None else None


def _problem(model: type[BaseModel], error: dict[str, Any]) -> str:
    where = ".".join(str(part) for part in error["loc"]) or "document"
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(error["loc"][-1]), sorted(_keys(model)), n=1, cutoff=0.5)
        advice = f"did you mean {near[0]!r}?" if near else "remove it"
        return f"unknown key {where!r}; {advice}"
    if error["type"] == "missing":
        return f"key {where!r} is missing; add it"
    return f"{where}: {sentence(error)}{_value_text(where, error['input'])}"


def _value_text(where: str, value: object) -> str:
    """Return a wrong value; none that is a secret, or a list or mapping, which may hold one."""
    if is_secret(where) or isinstance(value, Mapping | list):
        return ""
    text = repr(value)
    return f" (it is {text if len(text) <= 80 else f'{text[:77]}...'})"


def is_model(kind: object) -> TypeGuard[type[BaseModel]]:
    """Tell whether an annotation is a model; Python 3.10 takes `list[str]` for a class, which it is not."""
    return isinstance(kind, type) and get_origin(kind) is None and issubclass(kind, BaseModel)


def _keys(model: type[BaseModel]) -> set[str]:
    """Collect the names that `model` and the models inside it know, as they are written in YAML."""
    names: set[str] = set()
    waiting: list[Any] = [model]
    seen: set[int] = set()
    while waiting:
        kind = waiting.pop()
        if id(kind) in seen:
            continue
        seen.add(id(kind))
        waiting.extend(getattr(kind, "__args__", ()))
        if is_model(kind):
            for name, field in kind.model_fields.items():
                names.add(field.alias or name)
                waiting.append(field.annotation)
    return names
