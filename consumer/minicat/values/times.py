"""Times as SciCat reads and keeps them, with its mistakes."""

import re
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from scifish.common.clock import iso

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d\d(?::?\d\d)?)?)?"
)
_LOOSE = re.compile(r"[^0-9()]*?(\d+)(?:[-/,\s]+(\d+))?(?:[-/,\s]+(\d+))?\s*")
_LAST_YEAR = 275760  # JavaScript's dates end there


def parse_iso(text: str) -> datetime | None:
    """Read an ISO 8601 time or date; one without a zone is UTC; None when it is none."""
    found = _ISO.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    micro = int((found[7] or "0")[:6].ljust(6, "0"))
    try:
        moment = datetime(year, month, day, hour, minute, second, micro, _zone(found[8]))
        return moment.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def canonical(text: str) -> str | None:
    """Return an ISO 8601 time as SciCat gives it back (UTC, milliseconds), or None when it is none."""
    moment = parse_iso(text)
    return None if moment is None else iso(moment)


def javascript_date(text: str) -> str | None:
    """Return the time that JavaScript's lenient date parser makes of `text`, or None.

    It ignores words before the first number, so ``scan 1`` is a day in 2001 and ``ALS-12345`` the year 12345.
    An approximation: ISO 8601, and up to three numbers after any words; month names are words here.
    """
    exact = canonical(text)
    if exact is not None:
        return exact
    found = _LOOSE.fullmatch(text)
    if found is None:
        return None
    numbers = [int(number) for number in found.groups() if number is not None]
    first, second, third = [*numbers, 1, 1][:3]
    year, month, day = (third, first, second) if 1 <= first <= 31 else (first, second, third)
    return _day(year, month, day)


def unmodified_since(header: str) -> str | None:
    """Return the time of an If-Unmodified-Since header, an HTTP date or ISO 8601; None: to be ignored."""
    exact = canonical(header)
    if exact is not None:
        return exact
    try:
        return iso(parsedate_to_datetime(header))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _zone(text: str | None) -> timezone:
    if text is None or text in "Zz":
        return timezone.utc
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _day(year: int, month: int, day: int) -> str | None:
    year += 2000 if year < 50 else 1900 if year < 100 else 0
    if year >= _LAST_YEAR or not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{year:04}-{month:02}-{day:02}T00:00:00.000Z"
