"""A configuration as a text to take away and bring back: YAML, JSON or CSV."""

import json
from typing import Any

from scidog.exchange.csv_form import as_csv, from_csv
from scidog.model.document import as_written, check_size, read_configuration, read_object
from scidog.model.requests import Form
from scidog.stores.revision_file import configuration_yaml, document_of, yaml_text
from scifish.contract.configuration import Configuration


def exported(document: Configuration, form: Form) -> str:
    """Return the document as a text."""
    if form == "csv":
        return as_csv(document)
    return (
        configuration_yaml(as_written(document)) if form == "yaml" else json.dumps(_whole(document), indent=1)
    )


def imported(text: str, form: Form, name: str | None = None) -> Configuration:
    """Read a text; under another `name` than its own it is a new configuration.

    Raises InvalidConfigurationError with line or member.
    """
    source = f"the {form.upper()}"
    check_size(len(text), source)
    if form == "yaml":
        document = yaml_text(text.encode("utf-8", "surrogatepass"), source)
        return read_configuration(_named(document_of(document, source), name), source, document)
    data = from_csv(text, source) if form == "csv" else read_object(text)
    return read_configuration(_named(data, name), source)


def _whole(document: Configuration) -> dict[str, Any]:
    """Return all keys, so that people see what there is; of rules only their patterns."""
    data = document.model_dump(mode="json")
    return {**data, "rules": as_written(document).get("rules", [])}


def _named(data: dict[str, Any], name: str | None) -> dict[str, Any]:
    if name is None:
        return data
    return {**data, "name": name} if data.get("name") == name else {**data, "name": name, "revision": 0}
