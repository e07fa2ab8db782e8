"""Words for people: what a text must look like (instead of a regular expression), and numbers that count."""

from collections.abc import Mapping
from typing import Any

_WORDS: dict[str, str] = {}


def form(pattern: str, words: str) -> str:
    """Return a pattern, after keeping what a text that fits it looks like."""
    _WORDS[pattern] = words
    return pattern


def said(error: Mapping[str, Any]) -> str:
    """Return what one of pydantic's errors says, as a sentence of ours where its own is for programmers."""
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
