"""The result of a check: a part, whether it is well, and in words what is wrong and what to do."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "FAIL", "note"]


@dataclass(frozen=True)
class Finding:
    """One line of `scizoo check`; a note is neither well nor wrong."""

    part: str
    verdict: Verdict
    text: str

    def line(self) -> str:
        """Return the line that is printed."""
        return f"{self.verdict:<4} {self.part}: {' '.join(self.text.split())}"


def ok(part: str, text: str) -> Finding:
    """Return that a part is well."""
    return Finding(part, "ok", text)


def fail(part: str, text: str) -> Finding:
    """Return that a part is not well, and what to do."""
    return Finding(part, "FAIL", text)


def note(part: str, text: str) -> Finding:
    """Return something that a person may want to know."""
    return Finding(part, "note", text)
