"""Text on its way through Tango, which carries Latin-1: PyTango refuses a string with any other letter."""

import json

from pydantic import BaseModel


def latin1(text: str) -> str:
    """Return text for people (Status, errors, file names): letters that Latin-1 lacks become `\\u03bc`."""
    return text.encode("latin-1", "backslashreplace").decode("latin-1")


def from_tango(text: str) -> str:
    """Return text as its sender meant it: PyTango takes all for Latin-1, other languages may send UTF-8."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def ascii_json(model: BaseModel) -> str:
    """Return the model as JSON in ASCII, from which every reader of JSON gets all letters back."""
    return json.dumps(model.model_dump(mode="json", by_alias=True), separators=(",", ":"))
