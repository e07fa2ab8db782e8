"""Configurations as JSON, as clients send them."""

import json
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticSerializationError

from scidog.errors import InvalidConfigurationError
from scidog.model.revision import LONGEST_AUTHOR, LONGEST_COMMENT, MOST_BYTES, MOST_ITEMS
from scifish.common.text_forms import counted
from scifish.common.yaml_model import parse
from scifish.common.yaml_text import YamlText
from scifish.contract.configuration import Configuration
from scifish.errors import SettingsError
from scifish.tango_client.text import from_tango


@dataclass(frozen=True)
class SaveRequest:
    """A configuration to save: its `revision` is the one that its author began from, 0: it is new."""

    configuration: Configuration
    author: str = ""
    comment: str = ""
    overwrite: bool = False
    """Replace whatever is the newest revision."""


def read_request(text: str) -> SaveRequest:
    """Read a configuration, with `author`, `comment` and `overwrite` beside its own members.

    Raises InvalidConfigurationError, which names the member and what to do.
    """
    data = read_object(text)
    author = _text(data, "author", LONGEST_AUTHOR)
    comment = _text(data, "comment", LONGEST_COMMENT)
    overwrite = data.pop("overwrite", False)
    if not isinstance(overwrite, bool):
        raise InvalidConfigurationError("the document: overwrite: is no truth value; write true or false")
    return SaveRequest(read_configuration(data), author, comment, overwrite)


def read_object(text: str) -> dict[str, Any]:
    """Read a JSON object of limited size. Raises InvalidConfigurationError."""
    check_size(len(text), "the document")
    try:
        data = json.loads(from_tango(text))
    except (ValueError, RecursionError) as error:
        raise InvalidConfigurationError(f"the document is no JSON ({error}); send a JSON object") from error
    if not isinstance(data, dict):
        raise InvalidConfigurationError(f"the document is a JSON {type(data).__name__}; send a JSON object")
    return data


def read_configuration(
    data: dict[str, Any], source: str = "the document", text: YamlText | None = None
) -> Configuration:
    """Read a configuration's members. Raises InvalidConfigurationError, which names the wrong one."""
    try:
        return carried(limited(parse(Configuration, data, source, text=text), source))
    except SettingsError as error:
        raise InvalidConfigurationError(str(error)) from error


def as_written(configuration: Configuration) -> dict[str, Any]:
    """Return what is written of a configuration; without rules as SciDogs wrote it that had none."""
    data = configuration.model_dump(mode="json", exclude_none=True)
    if not configuration.rules:
        del data["rules"]
    return data


def check_size(size: int, source: str) -> None:
    """Refuse what is too large before it is parsed. Raises InvalidConfigurationError."""
    if size > MOST_BYTES:
        raise InvalidConfigurationError(
            f"{source}: has {size:,} of at most {MOST_BYTES:,} bytes; make two configurations of it"
        )


def limited(configuration: Configuration, source: str) -> Configuration:
    """Return the configuration if it has not too many items. Raises InvalidConfigurationError."""
    if len(configuration.items) > MOST_ITEMS:
        raise InvalidConfigurationError(
            f"{source}: has {counted(len(configuration.items), 'item')}, and {MOST_ITEMS} is the most; "
            "make two configurations of it"
        )
    if any(item.source for item in configuration.items):
        items = tuple(item.model_copy(update={"source": None}) for item in configuration.items)
        return configuration.model_copy(update={"items": items})  # SciDog's own word, from a document it gave
    return configuration


def carried(configuration: Configuration) -> Configuration:
    """Return the configuration if all of it is text: JSON can name half characters, no file can hold them."""
    try:
        configuration.model_dump_json()
    except PydanticSerializationError as error:
        raise InvalidConfigurationError(
            f"the document is no text ({error}); remove such characters"
        ) from error
    return configuration


def _text(data: dict[str, Any], member: str, longest: int) -> str:
    value = data.pop(member, "")
    if not isinstance(value, str) or len(value) > longest or (not value.isprintable() and "\n" not in value):
        raise InvalidConfigurationError(
            f"the document: {member}: is no text of at most {longest} characters; write one"
        )
    return value
