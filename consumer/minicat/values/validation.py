"""Bodies checked against the field table: names, types, requiredness; times become SciCat's form."""

from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import Any

from pydantic_core import PydanticCustomError, SchemaValidator, ValidationError, core_schema

from minicat.errors import ApiError
from minicat.values.field_table import Fields, field_table
from minicat.values.times import canonical

Document = dict[str, Any]
_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"
_EMAILS = r"^\s*[^@\s;]+@[^@\s;]+\.[^@\s.;]+\s*(;\s*[^@\s;]+@[^@\s;]+\.[^@\s.;]+\s*)*$"
_URL = r"^((https?|ftp)://)?([A-Za-z0-9-]+\.)+[A-Za-z0-9]+(:[0-9]+)?(/\S*)?$"


_WHOLE = frozenset({"size", "packedSize", "numberOfFiles", "numberOfFilesArchived"})


def check(record: str, body: object, *, unknown_fields: bool = False) -> Document:
    """Return `body` checked as `record`, such as ``dataset.v4``; raises ApiError 400 that lists each fault.

    With `unknown_fields` those that SciCat does not know are dropped instead of refused.
    """
    faults, checked = faults_of(record, body, unknown_fields=unknown_fields)
    if faults:
        raise ApiError(HTTPStatus.BAD_REQUEST, faults)
    return checked


def faults_of(record: str, body: object, *, unknown_fields: bool = False) -> tuple[list[str], Document]:
    """Return what is wrong with `body` as `record`, and the checked body when nothing is."""
    try:
        checked: Document = _validator(record, unknown_fields).validate_python(body)
    except ValidationError as error:
        return [_fault(dict(one)) for one in error.errors(include_url=False, include_context=False)], {}
    return [], checked


def required(record: str) -> frozenset[str]:
    """Return the names of the fields that `record` must have."""
    return frozenset(name for name, kind in field_table()[record].items() if kind.endswith("!"))


@cache
def time_fields(record: str) -> frozenset[str]:
    """Return the dotted names of the fields of `record` that hold times, those of its sub-records too."""
    return frozenset(_times(field_table()[record], ""))


def _times(fields: Fields, prefix: str) -> list[str]:
    names: list[str] = []
    for name, kind in fields.items():
        base = kind.rstrip("!").partition("[")[0]
        if base == "time":
            names.append(prefix + name)
        elif base in field_table():
            names.extend(_times(field_table()[base], f"{prefix}{name}."))
    return names


@cache
def _validator(record: str, unknown_fields: bool) -> SchemaValidator:
    return SchemaValidator(_record_schema(record, unknown_fields))


def _record_schema(record: str, unknown_fields: bool) -> core_schema.CoreSchema:
    fields = {
        name: core_schema.typed_dict_field(
            _field_schema(_kind(record, name, kind), unknown_fields), required=kind.endswith("!")
        )
        for name, kind in field_table()[record].items()
    }
    return core_schema.typed_dict_schema(
        fields, extra_behavior="ignore" if unknown_fields else "forbid", strict=True
    )


def _kind(record: str, name: str, kind: str) -> str:
    """Return the kind of a field; SciCat's document says other than its backend checks for datasets."""
    if not record.startswith("dataset."):
        return kind
    if name in _WHOLE:
        return kind.replace("number", "whole")
    if name == "contactEmail":
        return kind.replace("string", "emails")
    return kind.replace("string[]", "texts") if kind.rstrip("!") == "string[]" else kind


def _field_schema(kind: str, unknown_fields: bool) -> core_schema.CoreSchema:
    base, _, length = kind.rstrip("!").partition("[")
    schema = _SCALARS[base]() if base in _SCALARS else _record_schema(base, unknown_fields)
    if length:
        schema = core_schema.list_schema(schema, min_length=1 if length == "1]" else 0, strict=True)
    # SciCat skips the checks of an optional field that is null.
    return schema if kind.endswith("!") else core_schema.nullable_schema(schema)


def _number() -> core_schema.CoreSchema:
    return core_schema.union_schema(
        [core_schema.int_schema(strict=True), core_schema.float_schema(strict=True, allow_inf_nan=False)],
        custom_error_type="number",
        custom_error_message="must be a number",
    )


def _whole() -> core_schema.CoreSchema:
    """A whole number; JavaScript knows no difference between 12 and 12.0."""
    return core_schema.chain_schema([_number(), core_schema.int_schema()])


def _texts() -> core_schema.CoreSchema:
    """A list of texts, or one text: a dataset then has a list of it."""
    listed = core_schema.list_schema(_text(), strict=True)
    return core_schema.no_info_before_validator_function(_as_list, listed)


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _time() -> core_schema.CoreSchema:
    return core_schema.no_info_after_validator_function(_canonical_time, _text())


def _canonical_time(text: str) -> str:
    moment = canonical(text)
    if moment is None:
        raise PydanticCustomError("time", "must be an ISO 8601 time")
    return moment


def _text(pattern: str | None = None) -> core_schema.CoreSchema:
    return core_schema.str_schema(strict=True, pattern=pattern)


_SCALARS: dict[str, Callable[[], core_schema.CoreSchema]] = {
    "string": _text,
    "number": _number,
    "whole": _whole,
    "texts": _texts,
    "boolean": lambda: core_schema.bool_schema(strict=True),
    "object": lambda: core_schema.dict_schema(core_schema.str_schema(), strict=True),
    "time": _time,
    "email": lambda: _text(_EMAIL),
    "emails": lambda: _text(_EMAILS),
    "url": lambda: _text(_URL),
}


def _fault(error: dict[str, Any]) -> str:
    where = ".".join(str(part) for part in error["loc"]) or "body"
    if error["type"] == "extra_forbidden":
        return f"{where} is no field of this record; remove it"
    if error["type"] == "missing":
        return f"{where} is missing; add it"
    shown = repr(error["input"])
    return f"{where}: {error['msg']} (it is {shown if len(shown) <= 60 else shown[:57] + '...'})"
