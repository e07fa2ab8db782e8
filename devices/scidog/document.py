"""Configurations as JSON, as clients send them."""

import json

from pydantic_core import PydanticSerializationError

from scidog.errors import InvalidConfigurationError
from scifish.common.yaml_model import parse
from scifish.contract.configuration import Configuration
from scifish.errors import SettingsError
from scifish.tango_client.text import from_tango


def read_document(text: str) -> Configuration:
    """Read a configuration. Raises InvalidConfigurationError, which names the member and what to do."""
    try:
        data = json.loads(from_tango(text))
    except (ValueError, RecursionError) as error:
        raise InvalidConfigurationError(f"the document is no JSON ({error}); send a JSON object") from error
    if not isinstance(data, dict):
        raise InvalidConfigurationError(f"the document is a JSON {type(data).__name__}; send a JSON object")
    try:
        return _carried(parse(Configuration, data, "the document"))
    except SettingsError as error:
        raise InvalidConfigurationError(str(error)) from error


def _carried(configuration: Configuration) -> Configuration:
    """Return the configuration if all of it is text: JSON can name half characters, no file can hold them."""
    try:
        configuration.model_dump_json()
    except PydanticSerializationError as error:
        raise InvalidConfigurationError(
            f"the document is no text ({error}); remove such characters"
        ) from error
    return configuration
