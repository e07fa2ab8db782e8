"""When an acquisition began and ended, in UTC, from the clock of the host that wrote its file."""

from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from scifly.folder.stamp import Stamp
from scifly.readers.acquisition import Acquisition
from tangobase.errors import PropertyError

LONGEST = timedelta(days=1)  # of one acquisition; a file that is younger was copied or exported later


def zone(name: str) -> tzinfo | None:
    """Return a time zone; empty: this host's. Raises PropertyError."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise PropertyError(
            f"the property TimeZone is {name!r}, which is no zone; write one such as Europe/Stockholm or UTC"
        ) from error


def began_and_ended(
    acquisition: Acquisition, stamp: Stamp, where: tzinfo | None
) -> tuple[datetime, datetime]:
    """Return the begin and the end of an acquisition.

    The header's times are those of the regions' begin; the end is when the file was written, unless that is
    before (two clocks) or long after (a copy): then the last region's time.
    """
    written = datetime.fromtimestamp(stamp.mtime_ns / 1e9, timezone.utc)
    if acquisition.first_time is None or acquisition.last_time is None:
        return written, written
    began, last = (
        (moment if moment.tzinfo else moment.replace(tzinfo=where)).astimezone(timezone.utc)
        for moment in (acquisition.first_time, acquisition.last_time)
    )
    return began, written if last <= written <= last + LONGEST else last
