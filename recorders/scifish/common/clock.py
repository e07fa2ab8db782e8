"""Times as SciZoo keeps them: UTC, with a zone, to the millisecond."""

from datetime import datetime, timezone


def utcnow() -> datetime:
    """Return the time now in UTC, with its zone."""
    return datetime.now(timezone.utc)


def with_zone(moment: datetime) -> datetime:
    """Return `moment` in UTC; a naive one (as Sardana gives) is taken as the host's local time."""
    return moment.astimezone(timezone.utc)


def iso(moment: datetime) -> str:
    """Return `moment` as ISO 8601 in UTC, such as ``2026-03-01T09:30:00.125Z``."""
    return with_zone(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")
