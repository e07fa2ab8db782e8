"""Texts of headers as numbers: nothing in a file is believed before it is within limits."""

import math
import re

MAX_TEXT = 10_000  # characters of a comment
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_LONGEST_NUMBER = 64  # characters
_COUNT = re.compile(r"\d{1,9}", re.ASCII)


def number_or_text(text: str) -> int | float | str:
    """Return a text as the number that it is; else as itself, at most `MAX_TEXT` characters."""
    if _INTEGER.fullmatch(text):
        return int(text)
    if len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text) and math.isfinite(value := float(text)):
        return value
    return text[:MAX_TEXT]


def count(text: str) -> int | None:
    """Return a text as a count below 1e9; None: it is none. What it counts may still not be there."""
    text = text.strip()
    return int(text) if _COUNT.fullmatch(text) else None
