"""The conditions of fullquery and fullfacet, which are a third form, as MongoDB's words."""

from collections.abc import Mapping
from typing import Any

from minicat.errors import bad_request
from minicat.query.json_field import Moment
from minicat.values.si import is_number, scaled
from minicat.values.times import javascript_date
from minicat.values.units import ToSI, to_si
from scifish.contract.scicat_names import encoded_name

_NUMERIC = {
    "EQUAL_TO_NUMERIC": "$eq",
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
    A relation that it does not know is not heeded, and its CONTAINS_STRING compares with a document.
    """
    one = _mapping("scientific", condition)
    relation, wanted, unit = one.get("relation"), one.get("rhs"), one.get("unit")
    path = f"{prefix}.{encoded_name(str(one.get('lhs')))}"
    if relation == "RANGE":
        if not isinstance(wanted, list) or len(wanted) != 2:
            return {}
        return _compared(path, {"$gt": wanted[0], "$lt": wanted[1]}, unit, bare=False)
    if relation == "EQUAL_TO_STRING":
        return _compared(path, {"$eq": wanted}, None)
    if relation == "CONTAINS_STRING":
        return {path: {f"/{wanted}/": wanted}}
    if relation in _NUMERIC:
        return _compared(path, {_NUMERIC[relation]: wanted}, unit, bare=relation != "EQUAL_TO_NUMERIC")
    return {}


def _compared(path: str, wanted: dict[str, Any], unit: object, *, bare: bool = True) -> dict[str, Any]:
    """Return the condition on an item in SI or, without a unit, on its value; with `bare` on itself too."""
    if isinstance(unit, str) and unit:
        rule = to_si(unit)
        values = {operator: _in_si(one, rule) for operator, one in wanted.items()}
        return {f"{path}.valueSI": values, f"{path}.unitSI": unit if rule is None else rule.unit}
    names = ("", ".v", ".value") if bare else (".value",)
    return {"$or": [{path + name: wanted} for name in names]}


def _in_si(value: object, rule: ToSI | None) -> object:
    return value if rule is None or not is_number(value) else scaled(value, rule)


def _moment(name: str, text: object) -> Moment:
    moment = javascript_date(text) if isinstance(text, str) else None
    if moment is None:
        raise bad_request(f"{name}: {text!r:.60} is no time; write ISO 8601")
    return Moment(moment)


def _mapping(name: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise bad_request(f"{name}: needs a JSON object (it is {value!r:.60})")
    return value
