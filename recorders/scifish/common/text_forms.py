"""Texts for people: what a value must look like instead of a regular expression, and numbers with words."""

from collections.abc import Mapping
from typing import Any

_WORDS: dict[str, str] = {}


def form(pattern: str, words: str) -> str:
    """Return the pattern; `words`, which describe a text that fits it, are kept for error messages."""
    _WORDS[pattern] = words
    return pattern


def sentence(error: Mapping[str, Any]) -> str:
    """Return one of pydantic's errors as a sentence; where its own is for programmers, one of ours."""
    context = error.get("ctx") or {}
    if error["type"] == "string_pattern_mismatch":
        words = _WORDS.get(context["pattern"])
        return f"write {words}" if words else f"does not fit {context['pattern']}"
    if error["type"] in ("value_error", "assertion_error"):
        return str(context.get("error", error["msg"]))
    return str(error["msg"])


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return the number and its word; `many` where more changes than an ``s``: ``message waits``."""
    return f"{number} {one}" if number == 1 else f"{number} {many or f'{one}s'}"
