"""The filters of SciCat's URLs, v3's and v4's, as one `Query`; with the traps that each has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json

from minicat.errors import ApiError, bad_request, server_error
from minicat.query.json_field import Moment
from minicat.query.sql import Query
from minicat.values.times import canonical, javascript_date

_V3_OPERATORS = {
    "inq": "$in", "nin": "$nin", "and": "$and", "or": "$or", "like": "$regex", "ilike": "$regex",
    "gt": "$gt", "gte": "$gte", "lt": "$lt", "lte": "$lte",
}  # fmt: skip
_V4_KEYS = {"where", "include", "fields", "limits"}
_V4_OPERATORS = frozenset(
    {"$and", "$or", "$nor", "$not", "$eq", "$ne", "$gt", "$gte", "$lt", "$lte"}
    | {"$in", "$nin", "$exists", "$regex", "$options"}
)
_DOWN = {"desc": True, "asc": False, "-1": True, "1": False}
_LARGEST = 2**62


@dataclass(frozen=True)
class Filter:
    """A filter of a URL: the query, and what the answer holds."""

    query: Query
    include: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Names:
    """What a filter must know of a collection: its times, v3's names for stored fields, all fields."""

    times: frozenset[str] = frozenset()
    singular: Mapping[str, str] = field(default_factory=dict)
    fields: frozenset[str] = frozenset()


def read_json(text: str | None, name: str) -> dict[str, Any]:
    """Read a JSON object in a URL's parameter `name`; none is empty. Raises ApiError 400."""
    if not text:
        return {}
    try:
        value = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise bad_request(f"{name}: is no JSON ({error}); write a JSON object") from error
    if not isinstance(value, dict):
        raise bad_request(f"{name}: needs a JSON object (it is {value!r:.60})")
    return value


def v3_filter(text: str | None, names: Names, limit: int | None) -> Filter:
    """Read v3's `filter`; `limit` holds when it names none. Raises ApiError 400."""
    data = read_json(text, "filter")
    where = v3_where(_mapping(data, "where"), names)
    limits = _mapping(data, "limits") or {key: data[key] for key in ("limit", "skip", "order") if key in data}
    query = limited(Query(where, names.times), limits, limit, names.singular)
    return Filter(query, _include(data.get("include")), tuple(_fields(data.get("fields"))))


def v4_filter(text: str | None, names: Names, limit: int | None) -> Filter:
    """Read v4's `filter`, whose conditions are MongoDB's own; texts stay texts.

    Raises ApiError 400, also for a field that no dataset has and for an operator that SciCat does not list.
    """
    data = read_json(text, "filter")
    unknown = sorted(data.keys() - _V4_KEYS)
    if unknown:
        raise bad_request(f"filter.{unknown[0]} is not known; use where, include, fields or limits")
    limits = _mapping(data, "limits")
    if "order" in limits:
        raise bad_request('filter.limits.order is v3\'s; write "sort": {"field": "desc"}')
    where = _mapping(data, "where")
    _check_v4_names(where, names.fields, "where")
    query = limited(Query(where, names.times), limits, limit, {})
    return Filter(query, _include(data.get("include")), tuple(_fields(data.get("fields"))))


def mongo_filter(text: str | None, names: Names, mixed: str, limit: int | None) -> Filter:
    """Read the `filter` of samples, proposals and origdatablocks, whose words are MongoDB's alone.

    Raises ApiError 500 as SciCat does: for no JSON, and for v3's words (``inq``), which its library cannot
    cast to the type of the field. ``and`` and ``or`` are names of fields that nothing has.
    """
    try:
        data = read_json(text, "filter")
    except ApiError as error:
        raise server_error("Internal server error") from error
    where = _mapping(data, "where")
    for name, value in where.items():
        words = isinstance(value, dict) and any(not word.startswith("$") for word in value)
        if words and name.partition(".")[0] != mixed:
            raise server_error("Internal server error")
    query = limited(Query(_with_moments(where, names), names.times), _mapping(data, "limits"), limit, {})
    return Filter(query)  # `fields` is not heeded


def v3_where(where: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return v3's `where` in MongoDB's words, with the fields of the storage.

    v3 makes a time of *every* scalar text that JavaScript can read as a date, also where none is meant:
    ``{"proposalId": "ALS-12345"}`` then finds nothing. Lists (``inq``) are left alone.
    Only the names at the top are made the stored ones: inside ``and`` and ``or`` `proposalId` finds nothing.
    """
    return _v3_members(
        {names.singular.get(name, name): one for name, one in where.items()}, names, is_time=False
    )


def limited(query: Query, limits: Mapping[str, Any], limit: int | None, singular: Mapping[str, str]) -> Query:
    """Return `query` in the order and within the bounds of `limits`. Raises ApiError 400."""
    order = limits.get("sort", limits.get("order"))
    chosen = _whole(limits, "limit")
    return Query(
        where=query.where,
        times=query.times,
        order=tuple((singular.get(name, name), down) for name, down in _order(order)),
        limit=chosen or limit,
        skip=_whole(limits, "skip"),
    )


def _with_moments(where: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return `where` with times in the fields that hold some: the database library casts by the field."""
    return {
        name: _v3_members({name: value}, Names(names.times), is_time=True)[name]
        if name in names.times
        else value
        for name, value in where.items()
    }


def _check_v4_names(where: object, fields: frozenset[str], path: str) -> None:
    """Raise ApiError 400 for a name in v4's `where` that SciCat's list of fields and operators lacks."""
    if isinstance(where, list):
        for one in where:
            _check_v4_names(one, fields, path)
    for name, value in where.items() if isinstance(where, dict) else ():
        known = name in _V4_OPERATORS or (name.partition(".")[0] in fields)
        if fields and not known:
            raise bad_request(f"Property {path}.{name} should not exist in the filter object")
        if isinstance(value, dict | list):
            _check_v4_names(value, fields, f"{path}.{name}")


def _v3_members(where: Mapping[str, Any], names: Names, *, is_time: bool) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in where.items():
        of_operator = name in _V3_OPERATORS or name.startswith("$")
        stored = _V3_OPERATORS.get(name, name)
        holds_time = is_time if of_operator else stored in names.times
        members[stored] = _v3_value(value, names, is_time=holds_time)
        if name == "ilike":
            members["$options"] = "i"
    return members


def _v3_value(value: object, names: Names, *, is_time: bool) -> object:
    if isinstance(value, dict):
        return _v3_members(value, names, is_time=is_time)
    if isinstance(value, list):
        return [_v3_listed(one, names, is_time=is_time) for one in value]
    moment = javascript_date(value) if isinstance(value, str) else None
    return value if moment is None else Moment(moment)


def _v3_listed(value: object, names: Names, *, is_time: bool) -> object:
    if isinstance(value, dict):
        return _v3_members(value, names, is_time=is_time)
    moment = canonical(value) if is_time and isinstance(value, str) else None
    return value if moment is None else Moment(moment)


def _mapping(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise bad_request(f"filter.{name}: needs a JSON object (it is {value!r:.60})")
    return value


def _fields(value: object) -> list[str]:
    if isinstance(value, dict):
        return [name for name, wanted in value.items() if wanted]
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise bad_request(f"filter.fields: needs a list of names (it is {value!r:.60})")
    ended = [name for name in value if name.endswith(".")]
    if ended:
        raise bad_request(
            f"filter.fields: {ended[0]!r:.60} ends with a dot; name what follows, or leave it out"
        )
    return value


def _include(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    relations = [one.get("relation") if isinstance(one, dict) else one for one in _listed(value)]
    if not all(isinstance(one, str) for one in relations):
        raise bad_request(f"filter.include: needs a list of names (it is {value!r:.60})")
    return tuple(str(one) for one in relations)


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _whole(limits: Mapping[str, Any], name: str) -> int:
    value = limits.get(name) or 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _LARGEST:
        raise bad_request(f"limits.{name}: needs a whole number that is not negative (it is {value!r:.60})")
    return value


def _order(value: object) -> list[tuple[str, bool]]:
    if not value:
        return []
    if isinstance(value, dict):
        pairs = [(name, str(direction)) for name, direction in value.items()]
    else:
        texts = _listed(value)
        if not all(isinstance(text, str) for text in texts):
            raise bad_request(f"limits.order: needs `field:desc` (it is {value!r:.60})")
        pairs = [(name, direction or "asc") for name, _, direction in (text.partition(":") for text in texts)]
    for name, direction in pairs:
        if direction.lower() not in _DOWN:
            raise bad_request(f"limits: {name} is sorted {direction!r:.60}; write asc or desc")
    return [(name, _DOWN[direction.lower()]) for name, direction in pairs]
