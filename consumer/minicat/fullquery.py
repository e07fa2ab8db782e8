"""The conditions of fullquery and fullfacet, which are a third form, as MongoDB's words."""

from collections.abc import Mapping
from typing import Any

from minicat.errors import bad_request
from minicat.jsonfield import Moment
from minicat.metadatakeys import encode
from minicat.moments import javascript_date
from minicat.units import to_si

_RELATIONS = {
    "EQUAL_TO": "$eq",
    "EQUAL_TO_STRING": "$eq",
    "EQUAL_TO_NUMERIC": "$eq",
    "CONTAINS_STRING": "$regex",
    "GREATER_THAN": "$gt",
    "GREATER_THAN_OR_EQUAL": "$gte",
    "LESS_THAN": "$lt",
    "LESS_THAN_OR_EQUAL": "$lte",
}
_BOUNDS = {"begin": "$gte", "end": "$lte"}


def fullquery_where(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the condition of fullquery's `fields`. Raises ApiError 400."""
    return {"$and": [_condition(name, value) for name, value in fields.items()]} if fields else {}


def _condition(name: str, value: Any) -> dict[str, Any]:
    if name == "text":
        return {"$text": {"$search": value}}
    if name == "mode":
        return _mapping(name, value)
    if name in ("scientific", "sampleCharacteristics"):
        prefix = "scientificMetadata" if name == "scientific" else name
        return (
            {"$and": [_quantity(prefix, one) for one in value]} if isinstance(value, list) and value else {}
        )
    if name == "userGroups":
        return {"$or": [{group: {"$in": value}} for group in ("ownerGroup", "accessGroups")]}
    if isinstance(value, dict) and not _BOUNDS.keys().isdisjoint(value):
        return {name: {_BOUNDS[bound]: _moment(name, value[bound]) for bound in _BOUNDS if value.get(bound)}}
    return {name: {"$in": value} if isinstance(value, list) else value}


def _quantity(prefix: str, condition: object) -> dict[str, Any]:
    """Return the condition on one item of metadata; with a unit both sides are compared in SI.

    SciCat encodes the whole of `lhs`: ``mono.energy`` becomes ``mono%2Eenergy``, so nothing nested is found.
    """
    one = _mapping("scientific", condition)
    relation = str(one.get("relation"))
    if relation not in _RELATIONS:
        raise bad_request(f"scientific: relation {relation!r:.60} is none of {', '.join(_RELATIONS)}")
    path, wanted, unit = f"{prefix}.{encode(str(one.get('lhs')))}", one.get("rhs"), one.get("unit")
    operator = _RELATIONS[relation]
    if not isinstance(unit, str) or not unit or not isinstance(wanted, int | float):
        return {"$or": [{f"{path}.value": {operator: wanted}}, {path: {operator: wanted}}]}
    rule = to_si(unit)
    value = wanted if rule is None else wanted * rule.factor + rule.offset
    return {f"{path}.valueSI": {operator: value}, f"{path}.unitSI": unit if rule is None else rule.unit}


def _moment(name: str, text: object) -> Moment:
    moment = javascript_date(text) if isinstance(text, str) else None
    if moment is None:
        raise bad_request(f"{name}: {text!r:.60} is no time; write ISO 8601")
    return Moment(moment)


def _mapping(name: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise bad_request(f"{name}: needs a JSON object (it is {value!r:.60})")
    return value
