"""A configuration as CSV, for spreadsheets: a line for each item; lines with # are of the whole document."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from scidog.errors import InvalidConfigurationError
from scidog.model.document import as_written
from scifish.contract.configuration import Configuration, Item

COLUMNS = ("attribute", "group", "name", "unit", "when", "mandatory", "lowest", "highest", "tag", "mapping")
DOCUMENT = ("name", "revision", "description", "budget", "dataset", "rules")
TRUE, FALSE = ("true", "yes", "1"), ("", "false", "no", "0")


def as_csv(document: Configuration) -> str:
    """Return the document as CSV; an empty cell is a key that is not written."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    data = document.model_dump(mode="json", exclude={"items", "rules"})
    if document.rules:
        data["rules"] = as_written(document)["rules"]
    for key in DOCUMENT:
        if key not in data:
            continue
        value = data[key]
        writer.writerow([f"#{key}", _cell(value) if isinstance(value, str) else json.dumps(value)])
    writer.writerow(COLUMNS)
    writer.writerows(_row(item) for item in document.items)
    return out.getvalue()


def from_csv(text: str, source: str) -> dict[str, Any]:
    """Return the keys of the document. Raises InvalidConfigurationError, which names line and column."""
    document: dict[str, Any] = {}
    items: list[dict[str, Any]] = []
    columns: list[str] | None = None
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for cells in reader:
            where = f"{source}: line {reader.line_num}"
            if not any(cells):
                continue
            if cells[0].startswith("#"):
                key = cells[0][1:].strip()
                if key not in DOCUMENT or len(cells) < 2:
                    raise InvalidConfigurationError(f"{where}: {cells[0]!r:.80} is none of {_hashed()}")
                document[key] = _value(where, key, cells[1])
            elif columns is None:
                columns = _header(where, cells)
            else:
                items.append(_item(where, dict(zip(columns, cells, strict=False))))
    except csv.Error as error:
        raise InvalidConfigurationError(
            f"{source}: line {reader.line_num}: is not CSV ({error}); correct that line"
        ) from error
    return {**document, "items": items}


def _row(item: Item) -> list[str]:
    low, high = item.range or (None, None)
    texts = [item.attribute, *(_cell(one) for one in (item.group, item.name, item.unit)), item.when]
    has_range = item.range is not None
    limits = [_limit(low, has_range=has_range), _limit(high, has_range=has_range)]
    mapping = json.dumps(item.mapping) if item.mapping else ""
    return [*texts, "true" if item.mandatory else "", *limits, _cell(item.tag), mapping]


def _limit(value: float | None, *, has_range: bool) -> str:
    return json.dumps(value) if has_range else ""


def _cell(text: str | None) -> str:
    """Return a text as a cell; one that a cell would not keep is in quotes, as JSON."""
    if text is None:
        return ""
    return text if text and text.isprintable() and not text.startswith('"') else json.dumps(text)


def _header(where: str, cells: list[str]) -> list[str]:
    names = [one.strip().lower() for one in cells]
    for name in names:
        if name and name not in COLUMNS:
            raise InvalidConfigurationError(
                f"{where}: {name!r:.80} is no column; they are: {', '.join(COLUMNS)}"
            )
    if "attribute" not in names:
        raise InvalidConfigurationError(f"{where}: there is no column attribute; write: {', '.join(COLUMNS)}")
    return names


def _item(where: str, cells: Mapping[str, str]) -> dict[str, Any]:
    item: dict[str, Any] = {"attribute": cells["attribute"].strip()}
    for key in ("group", "name", "unit", "when", "tag"):
        if cells.get(key):
            item[key] = _text(where, key, cells[key])
    mandatory = cells.get("mandatory", "").strip().lower()
    if mandatory not in (*TRUE, *FALSE):
        raise InvalidConfigurationError(f"{where}: mandatory is {mandatory!r:.80}; write true, or nothing")
    item["mandatory"] = mandatory in TRUE
    if cells.get("lowest") or cells.get("highest"):
        item["range"] = [_json(where, key, cells.get(key) or "null") for key in ("lowest", "highest")]
    if cells.get("mapping"):
        item["mapping"] = _json(where, "mapping", cells["mapping"])
    return item


def _value(where: str, key: str, cell: str) -> Any:
    return _text(where, key, cell) if key in ("name", "description") else _json(where, key, cell)


def _text(where: str, key: str, cell: str) -> Any:
    return _json(where, key, cell) if cell.startswith('"') else cell


def _json(where: str, key: str, cell: str) -> Any:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError) as error:
        raise InvalidConfigurationError(f"{where}: {key}: {cell!r:.80} is no JSON; correct it") from error


def _hashed() -> str:
    return ", ".join(f"#{key}" for key in DOCUMENT)
