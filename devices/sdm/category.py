"""The category of a proposal, which chooses the directory and whether data may leave the beamline."""

from typing import Any

PROPRIETARY_CODE = "IN"


def category_of(code: Any, given: Any = None) -> Any:
    """Return the category: code IN is always proprietary; else what the source gives; else visitors.

    A source that calls a proposal of code IN something else is not believed: proprietary data in the
    catalogue cannot be taken back.
    """
    if str(code or "").strip().upper() == PROPRIETARY_CODE:
        return "proprietary"
    return given or "visitors"
