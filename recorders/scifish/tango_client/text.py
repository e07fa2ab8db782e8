"""Text on its way through Tango, which carries Latin-1 up to the first NUL: PyTango refuses others."""

import json
import re

from pydantic import BaseModel

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tabs and ends of lines
_LINE_END = re.compile(r"[ \t]*[\r\n\v\f\x85\u2028\u2029]+[ \t]*")
_ALIKE = str.maketrans({"\u03bc": "\u00b5", "…": "...", "–": "-", "—": "-"})


def latin1(text: str) -> str:
    """Return text for people (Status, errors, file names): what Tango or a terminal does not show is escaped.

    Characters that Latin-1 lacks become `\\u03bc`, a NUL and other control characters `\\x00`.
    """
    carried = text.encode("latin-1", "backslashreplace").decode("latin-1")
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", carried)


def spoken(text: str) -> str:
    """Return one line for a Door, as `latin1`; a Greek mu and three dots are written as Latin-1 has them."""
    return latin1(_LINE_END.sub(" ", text).translate(_ALIKE))


def from_tango(text: str) -> str:
    """Return text as its sender meant it: PyTango takes all for Latin-1, other languages may send UTF-8."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def ascii_json(model: BaseModel) -> str:
    """Return the model as JSON in ASCII, from which every reader of JSON gets all characters back."""
    return json.dumps(model.model_dump(mode="json", by_alias=True), separators=(",", ":"))
