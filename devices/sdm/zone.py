"""Times of the facility: local wall clock to UTC, and a visit's name from its begin."""

from datetime import datetime, timezone, tzinfo


def to_utc(moment: datetime, zone: tzinfo) -> datetime:
    """Return `moment` in UTC; without a zone it is the facility's wall clock.

    In the hour that the end of summer time repeats, the first one is meant.
    """
    local = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return local.astimezone(timezone.utc)


def visit_id(begin: datetime, zone: tzinfo) -> str:
    """Return the name of the visit that begins then: its local hour, YYYYMMDDHH."""
    return begin.astimezone(zone).strftime("%Y%m%d%H")


def day_id(at: datetime, zone: tzinfo) -> str:
    """Return the name of a visit that has no schedule: its local day, YYYYMMDD."""
    return at.astimezone(zone).strftime("%Y%m%d")
